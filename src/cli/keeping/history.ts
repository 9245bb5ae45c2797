import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { scrub } from '../../scrub.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { readText, replaceFile } from '../places/replace-file.ts';
import type { Ending } from './ending.ts';

/** How many lines are kept at least; twice as many are cut back to that. */
const KEPT = 1_000;

/** What became of one key in one run. */
export interface HistoryLine extends Ending {
  readonly at: string;
  readonly name: string;
}

/** Adds a line at the end. @throws CommandError where it cannot be written. */
export async function addHistory(folders: Folders, line: HistoryLine): Promise<void> {
  await makeFolder(folders.state);
  try {
    const file = await open(fileOf(folders), 'a', 0o600);
    try {
      // A line that a kill has cut off spoils no other.
      await file.appendFile(`\n${scrub(JSON.stringify(line))}\n`);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(
      exitStatus.CANNOT_CREATE,
      `The history ${fileOf(folders)} cannot be written (${code}).`,
      error,
    );
  }
  const lines = await readLines(folders);
  if (lines.length > 2 * KEPT) await replaceFile(fileOf(folders), `${lines.slice(-KEPT).join('\n')}\n`);
}

/** The last lines, oldest first; of one key alone where it is named. A line that was cut off by a kill is left out. */
export async function readHistory(folders: Folders, names: readonly string[], count: number): Promise<HistoryLine[]> {
  const lines = (await readLines(folders)).flatMap(parse);
  return lines.filter(({ name }) => names.length === 0 || names.includes(name)).slice(-count);
}

async function readLines(folders: Folders): Promise<string[]> {
  return ((await readText(fileOf(folders))) ?? '').split('\n').filter((line) => line !== '');
}

function parse(line: string): HistoryLine[] {
  try {
    return [JSON.parse(line) as HistoryLine];
  } catch {
    return [];
  }
}

function fileOf({ state }: Folders): string {
  return join(state, 'history.jsonl');
}
