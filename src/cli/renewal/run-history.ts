import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { redact } from '../../redact.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { readTextFile, writeFileAtomically } from '../places/atomic-file.ts';
import type { RenewalResult } from './renewal-result.ts';

/** How many lines are kept at least; twice as many are cut back to that. */
const RETAINED_LINE_COUNT = 1_000;

/** What became of one key in one run. */
export interface RunHistoryEntry extends RenewalResult {
  readonly at: string;
  readonly name: string;
}

/** Adds a line at the end. @throws CommandError where it cannot be written. */
export async function appendRunHistory(folders: Folders, line: RunHistoryEntry): Promise<void> {
  await makeFolder(folders.state);
  try {
    const file = await open(historyFile(folders), 'a', 0o600);
    try {
      // A line that a kill has cut off spoils no other.
      await file.appendFile(`\n${redact(JSON.stringify(line))}\n`);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(
      exitStatus.CANNOT_CREATE,
      `The history ${historyFile(folders)} cannot be written (${code}).`,
      error,
    );
  }
  const lines = await readLines(folders);
  if (lines.length > 2 * RETAINED_LINE_COUNT)
    await writeFileAtomically(historyFile(folders), `${lines.slice(-RETAINED_LINE_COUNT).join('\n')}\n`);
}

/** The last lines, oldest first; of one key alone where it is named. A line that was cut off by a kill is left out. */
export async function readRunHistory(
  folders: Folders,
  names: readonly string[],
  count: number,
): Promise<RunHistoryEntry[]> {
  const lines = (await readLines(folders)).flatMap(parseEntry);
  return lines.filter(({ name }) => names.length === 0 || names.includes(name)).slice(-count);
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
