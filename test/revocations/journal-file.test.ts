import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JOURNAL_FORMAT, type JournalEntry } from '../../src/revocations/journal-entry.ts';
import { JournalFile, readJournalEntries } from '../../src/revocations/journal-file.ts';
import { journalPath } from '../support/revocation-journal.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const lineage = 'a';
const begin: JournalEntry = { format: JOURNAL_FORMAT, lineage, parent: null, from: '0' };

const eventAt = (position: number, reason = 'löst \u{1F511}'): JournalEntry => ({
  lineage,
  position: String(position),
  event: {
    id: `event ${position}`,
    type: 'KEY_REVOKED',
    at: '2026-01-01T00:00:00.000Z',
    keyId: 'key',
    realmId: null,
    ownerId: null,
    actorKind: 'SYSTEM',
    actorId: null,
    actorName: null,
    reason,
    data: {},
  },
  key: null,
});

async function readAll(path: string): Promise<JournalEntry[]> {
  return await Array.fromAsync(readJournalEntries(path));
}

async function write(path: string, ...entries: JournalEntry[]): Promise<void> {
  const file = await JournalFile.open(path);
  await file.append(entries);
  await file.close();
}

test('journal: only its owner can read it, and it is created with the first entry', async () => {
  const path = journalPath();
  await JournalFile.open(path);
  expect(existsSync(path)).toBe(false);
  await write(path, begin, eventAt(1));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await readAll(path)).toEqual([begin, eventAt(1)]);
});

test('journal: cut short at any byte, it has the entries before, and those that are appended after', async () => {
  const path = journalPath();
  await write(path, begin, eventAt(1));
  const whole = readFileSync(path);
  await write(path, eventAt(2));
  const text = readFileSync(path);
  for (let end = whole.length; end < text.length - 1; end += 5) {
    // A power failure may leave zeros.
    for (const rest of [Buffer.alloc(0), Buffer.alloc(100)]) {
      writeFileSync(path, Buffer.concat([text.subarray(0, end), rest]));
      expect((await JournalFile.open(path)).histories.get(lineage)?.last?.position).toBe(1n);
      await write(path, eventAt(2), eventAt(3));
      expect(await readAll(path)).toEqual([begin, eventAt(1), eventAt(2), eventAt(3)]);
    }
  }
});

test('journal: a change of any byte is found', async () => {
  const path = journalPath();
  await write(path, begin, eventAt(1));
  const text = readFileSync(path);
  let refusedCount = 0;
  for (let at = 0; at < text.length; at += 1) {
    const altered = Buffer.from(text);
    altered[at]! ^= 1;
    writeFileSync(path, altered);
    const entries = await readAll(path).catch((error: Error) => {
      expect(error.message).toMatch(/^Journal of revocations .*: found (line \d|format \d).*: restore it from a copy/);
      refusedCount += 1;
      return null;
    });
    // What was cut short has no effect; it never says something else.
    for (const entry of entries ?? []) expect([begin, eventAt(1)]).toContainEqual(entry);
  }
  expect(refusedCount).toBeGreaterThan(text.length * 0.8);
});

test('journal: two processes that share a file mix no lines, also if one of them is killed while it writes', async () => {
  const path = journalPath();
  const [one, other] = [await JournalFile.open(path), await JournalFile.open(path)];
  const long = 'x'.repeat(100_000); // more than one write for each append
  await Promise.all([one.append([begin]), other.append([begin])]);
  const positions = Array.from({ length: 60 }, (_, index) => index + 1);
  const append = async (file: JournalFile) => {
    for (let at = 0; at < positions.length; at += 6)
      await file.append(positions.slice(at, at + 6).map((position) => eventAt(position, long)));
  };
  await Promise.all([append(one), append(other)]);
  appendFileSync(path, readFileSync(path).subarray(1, 60)); // a line that was cut short
  await other.append([eventAt(61)]);
  await Promise.all([one.close(), other.close()]);
  const count = new Map<string, number>();
  for (const entry of await readAll(path)) {
    if ('event' in entry) count.set(entry.position, (count.get(entry.position) ?? 0) + 1);
  }
  expect(count.get('61')).toBe(1);
  expect(positions.map((position) => count.get(String(position)))).toEqual(positions.map(() => 2));
});

test('journal: a file that cannot be read or written is refused, with what to do', async () => {
  const folder = scratchFolder();
  await expect(JournalFile.open(folder)).rejects.toThrow(
    /^Journal of revocations .*: the file cannot be read \(EISDIR\): make it readable, or name another file/,
  );
  writeFileSync(join(folder, 'file'), '');
  const file = await JournalFile.open(join(folder, 'file', 'revocations'));
  await expect(file.openToAppend()).rejects.toThrow(/the file cannot be written \(E\w+\): make it writable/);
});
