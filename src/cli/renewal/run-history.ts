import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { redact } from '../../logging/redact.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { readTextFile, writeFileAtomically } from '../deployers/files/atomic-file.ts';
import type { RenewalResult } from './renewal-result.ts';

/** How many entries are retained. The file is trimmed to this count when it has twice as many. */
const RETAINED_LINE_COUNT = 1_000;

/** The result of a run for one key. */
export interface RunHistoryEntry extends RenewalResult {
  readonly at: string;
  readonly name: string;
}

/**
 * Appends an entry to the history, with secrets redacted. @throws CommandError CANNOT_CREATE if the file cannot be
 * written.
 */
export async function appendRunHistory(folders: Folders, entry: RunHistoryEntry): Promise<void> {
  await makeFolder(folders.state);
  try {
    const file = await open(historyFile(folders), 'a', 0o600);
    try {
      // The leading line break separates the entry from one that a kill cut off.
      await file.appendFile(`\n${redact(JSON.stringify(entry))}\n`);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(
      exitStatus.CANNOT_CREATE,
      `Cannot write the history ${historyFile(folders)} (${code}).`,
      error,
    );
  }
  const lines = await readLines(folders);
  if (lines.length > 2 * RETAINED_LINE_COUNT)
    await writeFileAtomically(historyFile(folders), `${lines.slice(-RETAINED_LINE_COUNT).join('\n')}\n`);
}

/**
 * Returns the last entries, oldest first; only those of `names`, unless that is empty. Skips entries that a kill cut
 * off.
 */
export async function readRunHistory(
  folders: Folders,
  names: readonly string[],
  count: number,
): Promise<RunHistoryEntry[]> {
  const entries = (await readLines(folders)).flatMap(parseEntry);
  return entries.filter(({ name }) => names.length === 0 || names.includes(name)).slice(-count);
}

async function readLines(folders: Folders): Promise<string[]> {
  return ((await readTextFile(historyFile(folders))) ?? '').split('\n').filter((line) => line !== '');
}

function parseEntry(line: string): RunHistoryEntry[] {
  try {
    return [JSON.parse(line) as RunHistoryEntry];
  } catch {
    return [];
  }
}

function historyFile({ state }: Folders): string {
  return join(state, 'history.jsonl');
}
