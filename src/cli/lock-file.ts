import { open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { CommandError, exitStatus } from './exit-status.ts';

/** SQLITE_BUSY: somebody else holds the lock. https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** A lock that is held. */
export interface Lock {
  release(): void;
}

/**
 * Keeps every other process out of a file until it is released. The lock is the operating system's, on an open file, and so ends
 * with the process however that ends; as with the gateway's data folder, SQLite takes it, for Node has no call that does.
 *
 * @throws CommandError TEMPORARY with `busy` when another process holds it, CANNOT_CREATE when the file cannot be made.
 */
export async function lockFile(path: string, busy: string): Promise<Lock> {
  try {
    await createLockFile(path);
    return lockDatabase(path);
  } catch (error) {
    const { errcode, code = 'unknown error' } = error as NodeJS.ErrnoException & { readonly errcode?: number };
    if (errcode === SQLITE_BUSY) throw new CommandError(exitStatus.TEMPORARY, busy, error);
    throw new CommandError(exitStatus.CANNOT_CREATE, `The lock ${path} cannot be taken (${code}).`, error);
  }
}

/** For its owner alone, as everything beside it is; SQLite would make it for others to read. */
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
    lock.exec('PRAGMA journal_mode = MEMORY'); // no second file beside it
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw error;
  }
  return { release: () => lock.close() };
}
