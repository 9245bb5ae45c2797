/**
 * Measures a flood of unknown secrets beside a key in use: npm run bench:flood [-- <secrets>]
 *
 * A gateway process on an embedded PostgreSQL is asked by POST /verify for batches of 10: one key in use and 9 different secrets
 * that no key has (default 100,000 in all). It looks for each of them in the database. The baseline are batches of 10 keys
 * that it has in memory. Both come from a process of its own on 32 connections, in turn, with as many batches a second as half of
 * what the flood can be answered. The results are the times of the answers, and how much memory the gateway took.
 */
import { readFileSync } from 'node:fs';
import { newSecret } from '../src/domain/secret.ts';
import { systemRandom } from '../src/store/random.ts';
import { send } from './verify/measure.ts';
import { spread } from './verify/spread.ts';
import { openVerifyWorld } from './verify/world.ts';

const count = Number(process.argv[2] ?? 100_000);
const KEYS = 100;
const UNKNOWN = 9;
const ROUND_MS = 5_000;

const world = await openVerifyWorld(KEYS);
try {
  const [, target] = world.targets;
  const [hot, ...others] = target.bodies;
  const batch = (items: readonly (string | undefined)[]) => `{"items":[${items.join()}]}`;
  const known = { ...target, bodies: [batch([hot, ...others.slice(0, UNKNOWN)])] };
  const unknownItem = () => JSON.stringify({ ...JSON.parse(hot ?? ''), secret: newSecret(systemRandom).reveal() });
  const flood = (size: number) => {
    const bodies = Array.from({ length: size }, () => batch([hot, ...Array.from({ length: UNKNOWN }, unknownItem)]));
    return { ...target, bodies };
  };

  const full = await send(world, flood(20_000), { ms: ROUND_MS });
  const perSecond = Math.round(full.count / (ROUND_MS / 1000) / 2);
  const times = { flood: [] as number[], known: [] as number[] };
  const before = residentBytes(target.pid);
  let sentCount = full.count * UNKNOWN;
  while (sentCount < count) {
    const result = await send(world, flood((perSecond * ROUND_MS) / 1000), { ms: ROUND_MS, perSecond });
    sentCount += result.count * UNKNOWN;
    times.flood.push(result.p99);
    times.known.push((await send(world, known, { ms: ROUND_MS, perSecond })).p99);
  }
  const ratios = times.flood.map((p99, round) => p99 / (times.known[round] ?? Number.NaN));
  console.log(`${full.count * (1000 / ROUND_MS)} batches a second at most: p99 ${full.p99.toFixed(1)} ms`);
  console.log(
    `${sentCount} unknown secrets, ${perSecond} batches a second: p99 ${spread(times.flood, 1)} ms, of known keys ${spread(times.known, 1)} ms, ratio ${spread(ratios, 2)}`,
  );
  console.log(`the gateway took ${Math.round((residentBytes(target.pid) - before) / 2 ** 20)} MiB more`);
} finally {
  await world.stop();
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
