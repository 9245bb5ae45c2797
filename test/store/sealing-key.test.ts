import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/store/random.ts';
import { loadSealingKey, SealingKeyError } from '../../src/store/sealing-key.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

function messageOf(worker: Worker): Promise<string> {
  return new Promise((done, fail) => worker.once('message', done).once('error', fail));
}

test('sealing key: it is created once, for its owner alone, in a folder that need not exist', () => {
  const dataDir = join(scratchFolder(), 'data');
  const key = loadSealingKey(dataDir, systemRandom);
  expect(key).toHaveLength(32);
  expect(statSync(join(dataDir, 'sealing-key')).mode & 0o777).toBe(0o600);
  expect(loadSealingKey(dataDir, systemRandom)).toEqual(key);
  expect(readdirSync(dataDir)).toEqual(['sealing-key']);
});

test('sealing key: it is random, so that two folders have different keys', () => {
  expect(loadSealingKey(scratchFolder(), systemRandom)).not.toEqual(loadSealingKey(scratchFolder(), systemRandom));
  expect(loadSealingKey(scratchFolder(), (size) => new Uint8Array(size).fill(5))).toEqual(new Uint8Array(32).fill(5));
});

test('sealing key: concurrent starts all get the same key', async () => {
  const dataDir = scratchFolder();
  const run = `
    const { workerData, parentPort } = require('node:worker_threads');
    const gate = new Int32Array(workerData.gate);
    Promise.all([import(workerData.sealing), import(workerData.random)]).then(([sealing, random]) => {
      parentPort.postMessage('ready');
      Atomics.wait(gate, 0, 0);
      parentPort.postMessage(Buffer.from(sealing.loadSealingKey(workerData.dataDir, random.systemRandom)).toString('hex'));
    });`;
  const gate = new SharedArrayBuffer(4);
  const sealing = new URL('../../src/store/sealing-key.ts', import.meta.url).href;
  const random = new URL('../../src/store/random.ts', import.meta.url).href;
  const workers = Array.from(
    { length: 8 },
    () => new Worker(run, { eval: true, workerData: { gate, dataDir, sealing, random } }),
  );
  await Promise.all(workers.map(messageOf));
  const answers = workers.map(messageOf);
  Atomics.store(new Int32Array(gate), 0, 1);
  Atomics.notify(new Int32Array(gate), 0);
  expect(new Set(await Promise.all(answers)).size).toBe(1);
  expect(readdirSync(dataDir)).toEqual(['sealing-key']);
});

test('sealing key: a file that others may read is refused, with the command that fixes it', () => {
  const dataDir = scratchFolder();
  const path = join(dataDir, 'sealing-key');
  loadSealingKey(dataDir, systemRandom);
  for (const mode of [0o640, 0o604, 0o602]) {
    chmodSync(path, mode);
    expect(() => loadSealingKey(dataDir, systemRandom)).toThrow(`chmod 600 '${path}'`);
  }
});

test('sealing key: a file without a key is refused and left unchanged, and its content is not repeated', () => {
  const dataDir = scratchFolder();
  for (const text of ['', 'KTCANARY', Buffer.alloc(31).toString('base64'), `${Buffer.alloc(32).toString('base64')}x`]) {
    writeFileSync(join(dataDir, 'sealing-key'), text, { mode: 0o600 });
    expect(() => loadSealingKey(dataDir, systemRandom)).toThrow(SealingKeyError);
    expect(() => loadSealingKey(dataDir, systemRandom)).not.toThrow(/KTCANARY/);
  }
});
