import { appendFileSync, readFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { expect, test, vi, onTestFinished } from 'vitest';
import { readJournalEntries } from '../../src/revocations/journal-file.ts';
import { startedDatabase } from '../support/database.ts';
import { openGateway } from '../support/gateway.ts';
import { issue, journalPath, openJournaled, perform, verify } from '../support/revocation-journal.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

/** Lets each sync of a file to the disk wait. Returns what lets them go on. */
async function holdSyncs(): Promise<{ readonly isHeld: () => boolean; release(): void }> {
  const handle = await open(scratchFolder(), 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { datasync } = prototype;
  const spy = vi.spyOn(prototype, 'datasync').mockImplementation(async function (this: FileHandle) {
    await promise;
    return await datasync.call(this);
  });
  onTestFinished(() => (resolve(), spy.mockRestore()));
  return { isHeld: () => spy.mock.calls.length > 0, release: resolve };
}

test('journal: a revocation is answered when its entry is on the disk, and is in force before', async () => {
  const path = journalPath();
  const gateway = await openJournaled(await startedDatabase(), path);
  const key = await issue(gateway, 'one');
  const administrator = await gateway.admin();
  const syncs = await holdSyncs();
  let isAnswered = false;
  const revoked = perform(gateway, 'revokeKey', { keyId: key.id, reason: 'lost' }, 'key { id }').then(
    () => (isAnswered = true),
  );
  await expect.poll(() => verify(gateway, key.secret, administrator)).toBe('KEY_REVOKED');
  await expect.poll(syncs.isHeld).toBe(true);
  expect(isAnswered).toBe(false);
  syncs.release();
  await revoked;
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('"KEY_REVOKED"');
  expect(text).not.toContain(key.secret);
});

test(
  'journal: a disk that hangs delays one revocation by 5 s, and those after it not',
  { timeout: 60_000 },
  async () => {
    const path = journalPath();
    const gateway = await openJournaled(await startedDatabase(), path);
    const [one, other] = [await issue(gateway, 'one'), await issue(gateway, 'other')];
    const metric = async () =>
      /^keytide_revocation_journal_failing (\d)/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1];
    const syncs = await holdSyncs();
    await perform(gateway, 'revokeKey', { keyId: one.id, reason: 'lost' }, 'key { id }');
    expect(gateway.logged.join('')).toMatch(/journal of revocations not written, will retry/);
    expect(await metric()).toBe('1');
    const startedAt = performance.now();
    await perform(gateway, 'holdKey', { keyId: other.id, reason: 'checked' }, 'key { id }');
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    syncs.release();
    await expect.poll(metric).toBe('0');
    await expect.poll(() => readFileSync(path, 'utf8')).toMatch(/"KEY_REVOKED"[^]*"KEY_HELD"/);
  },
);

test('journal: nodes that share a file write each entry, also after a line that was cut short', async () => {
  const database = await startedDatabase();
  const path = journalPath();
  const gateway = await openJournaled(database, path);
  const other = await openJournaled(database, path, gateway.clock);
  const keys = [await issue(gateway, 'key'), await issue(other, 'key')];
  appendFileSync(path, readFileSync(path).subarray(1, 40)); // a third node was killed
  await Promise.all(
    [gateway, other].map((node, index) =>
      perform(node, 'revokeKey', { keyId: keys[index]!.id, reason: 'lost' }, 'key { id }'),
    ),
  );
  await Promise.all([gateway.stop(), other.stop()]);
  const entries = (await Array.fromAsync(readJournalEntries(path))).filter((entry) => 'event' in entry);
  const revoked = entries.filter(({ event }) => event.type === 'KEY_REVOKED').map(({ event }) => event.keyId);
  expect(revoked.toSorted()).toEqual(keys.flatMap(({ id }) => [id, id]).toSorted());
});

test('journal: what was changed while no node wrote it is written at the next start', async () => {
  const database = await startedDatabase();
  const path = journalPath();
  const gateway = await openJournaled(database, path);
  const key = await issue(gateway, 'one');
  await gateway.stop();
  const without = await openGateway({ database, clock: gateway.clock });
  await perform(without, 'revokeKey', { keyId: key.id, reason: 'lost' }, 'key { id }');
  await without.stop();
  expect(readFileSync(path, 'utf8')).not.toContain('KEY_REVOKED');
  await openJournaled(database, path, gateway.clock);
  expect(readFileSync(path, 'utf8')).toContain('KEY_REVOKED');
});
