import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder } from '../folders.ts';

/** SQLITE_BUSY: somebody else holds the lock. https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * Keeps every other run out until it is released. The lock is the operating system's, on an open file, and so ends with the
 * process however that ends; as with the gateway's data folder, SQLite takes it, for Node has no call that does.
 *
 * @throws CommandError TEMPORARY when another run holds it.
 */
export async function lockRuns(stateFolder: string): Promise<{ release(): void }> {
  await makeFolder(stateFolder);
  const path = join(stateFolder, 'run.lock');
  const lock = new DatabaseSync(path);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY'); // no second file beside it
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)) throw error;
    throw new CommandError(exitStatus.TEMPORARY, `Another run is at work (it holds ${path}). Nothing was done.`, error);
  }
  return { release: () => lock.close() };
}
