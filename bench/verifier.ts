/**
 * Measures the verifier library: npm run bench:verifier [-- <keys>]
 *
 * A process opens a verifier of a realm with 10,000 keys, another one of a realm with so many (default 1,000,000), which a
 * process sends as a gateway does. Each verifies 100,000 secrets for an action and a resource, in turn with SHA-256 and a
 * look-up in a Map of small objects, in nine rounds after two to warm up. The results are the CPU time of a verification, its
 * ratio to the Map in the same round (median, with the least and the most), the memory of a key, and the time until the
 * verifier knows the realm.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { reportFigure } from './goals.ts';
import type { VerifierFigures } from './verifier/ask.ts';
import { spread } from './verify/spread.ts';

const SMALL = 10_000;
const count = Number(process.argv[2] ?? 1_000_000);

for (const size of [SMALL, count]) {
  const { verify, map, bytes, readySeconds } = await measureVerifier(size);
  const ratios = verify.map((time, round) => (map[round] ?? Number.NaN) / time);
  console.log(
    `${size} keys: a verification takes ${spread(verify)} ns, SHA-256 and a Map ${spread(map)} ns, ratio ${spread(ratios, 2)}; ` +
      `${(bytes / size).toFixed(0)} bytes a key; known after ${readySeconds.toFixed(1)} s`,
  );
  reportFigure(size === SMALL ? 'libraryFew' : 'libraryMany', ratios);
}

async function measureVerifier(size: number): Promise<VerifierFigures> {
  const gateway = start('verifier/gateway.ts', [], String(size));
  try {
    const [port] = (await once(gateway, 'message')) as [number];
    const ask = start('verifier/ask.ts', ['--expose-gc'], `http://127.0.0.1:${port}`, String(size));
    const [figures] = (await Promise.race([
      once(ask, 'message'),
      once(ask, 'exit').then(() => Promise.reject(new Error('the verifier has ended'))),
    ])) as [VerifierFigures];
    return figures;
  } finally {
    gateway.disconnect();
  }
}

function start(file: string, execArgv: readonly string[], ...args: readonly string[]) {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: [...execArgv] });
}
