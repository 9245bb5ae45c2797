import { once } from 'node:events';
import { cpuSeconds } from './cpu-seconds.ts';
import type { LoadResult, LoadRun } from './load.ts';
import type { Target, VerifyWorld } from './world.ts';

const CONNECTIONS = 32;

interface Rounds {
  /** How many rounds are measured, after one to warm up. */
  readonly rounds: number;
  readonly roundMs: number;
}

/** How fast a server was in each round. */
export interface Measured {
  readonly target: Target;
  /** Requests per CPU-second of the server. */
  readonly rates: readonly number[];
  /** The same as a part of that of the bare server in the same round. */
  readonly ratios: readonly number[];
  readonly results: readonly LoadResult[];
}

/** Sends as many requests as are answered to each server in turn. */
export async function measureFullLoad(world: VerifyWorld, { rounds, roundMs }: Rounds): Promise<readonly Measured[]> {
  const found = world.targets.map(() => ({ rates: [] as number[], results: [] as LoadResult[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, target] of world.targets.entries()) {
      const before = cpuSeconds(target.pid);
      const result = await send(world, target, { ms: roundMs });
      if (round === 0) continue;
      found[index]?.rates.push(result.count / (cpuSeconds(target.pid) - before));
      found[index]?.results.push(result);
    }
  }
  const bare = found[0]?.rates ?? [];
  return world.targets.map((target, index) => {
    const { rates, results } = found[index] ?? { rates: [], results: [] };
    return { target, rates, results, ratios: rates.map((rate, round) => rate / (bare[round] ?? Number.NaN)) };
  });
}

/** Sends the same number of requests in a second to the first two servers in turn. Returns the p99 of each round, in ms. */
export async function measureP99(
  world: VerifyWorld,
  { rounds, roundMs, perSecond }: Rounds & { readonly perSecond: number },
): Promise<readonly { readonly target: Target; readonly p99s: readonly number[] }[]> {
  const found = world.targets.slice(0, 2).map((target) => ({ target, p99s: [] as number[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { target, p99s } of found) {
      const { p99 } = await send(world, target, { ms: roundMs, perSecond });
      if (round > 0) p99s.push(p99);
    }
  }
  return found;
}

/** Sends requests to a server for a time. Every answer has to be VALID. */
export async function send(
  { load, credential }: VerifyWorld,
  { name, url, bodies }: Target,
  part: Pick<LoadRun, 'ms' | 'perSecond'>,
): Promise<LoadResult> {
  load.send({ url, credential, bodies, connections: CONNECTIONS, ...part } satisfies LoadRun);
  const [result] = (await once(load, 'message')) as [LoadResult];
  if (result.badCount > 0) throw new Error(`${name}: ${result.badCount} of ${result.count} answers were not VALID`);
  return result;
}
