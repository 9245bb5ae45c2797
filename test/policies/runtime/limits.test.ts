import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startChild, type Child } from '../../../src/policies/runtime/child-process.ts';
import { watchLimit } from '../../../src/policies/runtime/watch-limit.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const LONG = { busyMs: 20_000, elapsedMs: 20_000 };

/** What is told of a program that keeps to no limit. */
function exceeds(program: string, limit: typeof LONG): Promise<string> {
  const running = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
  onTestFinished(() => void running.kill('SIGKILL'));
  return new Promise((resolve) => {
    const stop = watchLimit(running.pid!, limit, (kind, message) => {
      stop();
      resolve(`${kind}: ${message}`);
    });
  });
}

test('limits: a process that fills its heap ends, and the fault says so', async () => {
  const folder = scratchFolder();
  const hash = 'a'.repeat(64);
  mkdirSync(join(folder, hash));
  copyFileSync(new URL('./hostile/grows-at-load.js', import.meta.url), join(folder, hash, 'module.js'));
  const child = (await startChild(folder)) as Child;
  onTestFinished(() => child.stop());
  const message = 'The policy process ended (out of memory).';
  expect(await child.request({ kind: 'LOAD', scripts: {}, hash, entry: 'module.js' }, LONG)).toEqual({
    ended: { kind: 'CRASHES', message },
    usedMs: expect.any(Number),
  });
  expect(child.isAlive()).toBe(false);
});

test('limits: memory outside the heap counts against the limit', async () => {
  const program = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(2 ** 24, 1)), 1);';
  expect(await exceeds(program, LONG)).toBe('CRASHES: It exceeded the memory limit.');
});

test('limits: the limit of processor time applies before the elapsed time', async () => {
  expect(await exceeds('for (;;);', { busyMs: 200, elapsedMs: 20_000 })).toBe(
    'LOOPS: It did not return within 200 ms.',
  );
});

test('limits: the elapsed time limits a process that waits for something other than a processor', async () => {
  const program = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';
  expect(await exceeds(program, { busyMs: 10_000, elapsedMs: 500 })).toMatch(/^LOOPS/);
});
