import { open, readFile, rename, rm } from 'node:fs/promises';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { StopDays } from './count-stops.ts';
import type { ImportRamp } from './run-import.ts';

/** The options that decide what becomes of the rows, by the names of their flags. */
export type ImportOptions = Readonly<Record<string, unknown>>;

/** What stands for the gateway among the options. */
export const GATEWAY = 'gateway (keytide login)';

/** How far an import has come. It is written after each batch, so that the import can be continued after a crash. */
export interface ImportProgress {
  /** Identifies the file as it is: an import of another one, or of a changed one, starts at its first row. */
  readonly subject: string;
  /** The options that the import began with. It continues only with these. */
  readonly options: ImportOptions;
  /** The ramp that the import began with: without --bind-from it is counted from then. */
  readonly ramp: ImportRamp | null;
  /** On which days the keys of the rows that are done stop. */
  readonly stops: StopDays;
  /** How many rows of the file are done. */
  readonly rowCount: number;
  readonly imported: number;
  readonly unchanged: number;
  readonly refused: number;
  /** The size of the report up to these rows, in bytes. */
  readonly reportSize: number;
}

/** Reads the journal of an import; null: there is none, or it is of another import. */
export async function readProgress(path: string, subject: string): Promise<ImportProgress | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new CommandError(exitStatus.NO_INPUT, `Cannot read ${path} (${error.code ?? 'unknown error'}).`, error);
  });
  if (text === null) return null;
  try {
    const progress = JSON.parse(text) as ImportProgress;
    return progress.subject === subject ? progress : null;
  } catch {
    return null;
  }
}

/** Returns the progress of an import that begins. */
export function startProgress(subject: string, options: ImportOptions, ramp: ImportRamp | null): ImportProgress {
  const counts = { rowCount: 0, imported: 0, unchanged: 0, refused: 0, reportSize: 0 };
  return { subject, options, ramp, stops: { days: [], withoutStop: 0 }, ...counts };
}

/**
 * Checks that an interrupted import is continued with the options that it began with: its rows would be of two kinds.
 *
 * @throws CommandError USAGE, with the flags that differ.
 */
export function checkSameOptions(
  { options: before, rowCount }: ImportProgress,
  now: ImportOptions,
  path: string,
): void {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const other = names.filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(now[name] ?? null));
  if (other.length === 0) return;
  const flags = other.map((name) => (name === GATEWAY ? name : `--${name}`)).join(', ');
  throw new CommandError(
    exitStatus.USAGE,
    `This import was interrupted after row ${rowCount}, and began with other options: found another ${flags}. ` +
      `Use the same options to continue it, or delete ${path} to begin again: what was imported stays as it is.`,
  );
}

/** Replaces the journal. After a crash it is the old one or the new one. */
export async function writeProgress(path: string, progress: ImportProgress): Promise<void> {
  const temporary = `${path}.new`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(progress)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(exitStatus.CANNOT_CREATE, `Cannot write ${path} (${code}).`, error);
  }
}

/** Deletes the journal of an import that is complete. */
export async function deleteProgress(path: string): Promise<void> {
  await rm(path, { force: true });
}
