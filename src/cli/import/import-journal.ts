import { open, readFile, rename, rm } from 'node:fs/promises';
import { CommandError, exitStatus } from '../exit-status.ts';

/** How far an import has come. It is written after each batch, so that the import can be continued after a crash. */
export interface ImportProgress {
  /** Identifies the file and what is done with it: an import of another file starts at its first row. */
  readonly subject: string;
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
