import { open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { CommandError, exitStatus } from './exit-status.ts';

/** SQLITE_BUSY: another process holds the lock. https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** An acquired lock. */
export interface Lock {
  release(): void;
}

/**
 * Acquires an exclusive lock on a file until it is released. The operating system holds the lock on an open file, so it
 * ends with the process however the process ends. Node has no call for file locks, so SQLite takes the lock, as
 * for the gateway's data folder.
 *
 * @throws CommandError TEMPORARY with `busyMessage` if another process holds the lock, CANNOT_CREATE if the file
 *   cannot be created.
 */
export async function lockFile(path: string, busyMessage: string): Promise<Lock> {
  try {
    await createLockFile(path);
    return lockDatabase(path);
  } catch (error) {
    const { errcode, code = 'unknown error' } = error as NodeJS.ErrnoException & { readonly errcode?: number };
    if (errcode === SQLITE_BUSY) throw new CommandError(exitStatus.TEMPORARY, busyMessage, error);
    throw new CommandError(exitStatus.CANNOT_CREATE, `Cannot acquire the lock ${path} (${code}).`, error);
  }
}

/** Creates the file with mode 0600; SQLite would create it readable for others. */
async function createLockFile(path: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.chmod(0o600);
  } finally {
    await file.close();
  }
}

function lockDatabase(path: string): Lock {
  const lock = new DatabaseSync(path);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY'); // no journal file next to the lock
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw error;
  }
  return { release: () => lock.close() };
}
