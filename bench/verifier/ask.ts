// Opens a verifier and asks it, in turn with SHA-256 and a Map. Reports to its parent. Needs --expose-gc.
import { hash } from 'node:crypto';
import { openVerifier } from '../../src/verifier/verifier.ts';
import { secretText } from '../table/secret-text.ts';

/** What one process has measured. */
export interface VerifierFigures {
  /** How long it took until the verifier knew the realm, in s. */
  readonly readySeconds: number;
  /** By how many bytes the process has grown. */
  readonly bytes: number;
  /** CPU time of a verification in ns, in each round. */
  readonly verify: readonly number[];
  /** CPU time of SHA-256 and a look-up in a Map, in each round. */
  readonly map: readonly number[];
}

const ASKED = 100_000;
const ROUNDS = 9;

const [url = '', countText = ''] = process.argv.slice(2);
const count = Number(countText);
const before = measureMemory();
const startedAt = performance.now();
const verifier = openVerifier({ url, credential: () => 'kt_bench', capacity: count + 1_000, maxAgeMs: 60_000 });
await verifier.ready;
const readySeconds = (performance.now() - startedAt) / 1000;
const bytes = measureMemory() - before;

const map = new Map<string, { readonly expiresAt: number; readonly number: number }>();
for (let number = 1; number <= count; number += 1) {
  map.set(hash('sha256', secretText(number), 'hex'), { expiresAt: Number.MAX_SAFE_INTEGER, number });
}
const asked = Array.from({ length: ASKED }, (_, index) => {
  const number = 1 + ((index * 7_919) % count);
  return { secret: secretText(number), action: 'package:push', resource: `Acme.Team${number % 500}.Core` };
});
const verify = (input: (typeof asked)[number]) => {
  const answer = verifier.verify(input);
  if (answer instanceof Promise || answer.outcome !== 'VALID') throw new Error(`${input.secret} is not valid`);
};
const look = ({ secret }: (typeof asked)[number]) => {
  const found = map.get(hash('sha256', secret, 'hex'));
  if (found === undefined || found.expiresAt <= Date.now()) throw new Error(`${secret} is not valid`);
};
const figures = { readySeconds, bytes, verify: [] as number[], map: [] as number[] };
for (let round = -2; round < ROUNDS; round += 1) {
  const verified = await measure(verify);
  const looked = await measure(look);
  if (round < 0) continue;
  figures.verify.push(verified);
  figures.map.push(looked);
}
process.send?.(figures satisfies VerifierFigures, () => process.exit());

/** Returns the CPU time of a question in ns. Lines of the gateway are read before. */
async function measure(ask: (input: (typeof asked)[number]) => void): Promise<number> {
  await new Promise(setImmediate);
  const start = process.cpuUsage();
  for (const input of asked) ask(input);
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / ASKED;
}

function measureMemory(): number {
  for (let times = 0; times < 3; times += 1) globalThis.gc?.();
  return process.memoryUsage().rss;
}
