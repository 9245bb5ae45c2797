import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from './store-error.ts';

/** The file that a gateway locks while it uses the folder. The file stays empty. */
export const LOCK_FILE = 'gateway.lock';

/** How long a start waits for another process that only tests the lock. In milliseconds. */
const LOCK_WAIT_MS = 250;

/** SQLITE_BUSY: another connection holds the lock. https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** A data folder that this process has locked. */
export interface DataFolder {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** Releases the lock, so that another gateway can use the folder. */
  release(): void;
}

/** References to the locks: without them, the garbage collector could close a lock file and so release its lock. */
const heldLocks = new Set<DatabaseSync>();

/**
 * Opens a data folder and locks it against other processes and against other calls in this process. If the folder does
 * not exist, creates it with access for its owner only.
 *
 * The lock is an operating system lock on an open file. It ends with the process, however the process ends, so it is
 * never stale and no process id has to be checked. Node has no API for such locks, but its built-in SQLite takes one
 * for an exclusive transaction: https://www.sqlite.org/lockingv3.html. Nothing is stored in the file.
 *
 * Throws a StoreError of one line if another gateway uses the folder, or if the folder cannot be used.
 */
export function openDataFolder(folder: string): DataFolder {
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(folder, LOCK_FILE), { timeout: LOCK_WAIT_MS });
    lock.exec('PRAGMA journal_mode = MEMORY'); // no second file beside it
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    throw new StoreError(describeRefusal(folder, error), { cause: error });
  }
  const heldLock = lock;
  heldLocks.add(heldLock);
  return {
    path: realpathSync(folder),
    release() {
      if (heldLocks.delete(heldLock)) heldLock.close();
    },
  };
}

function describeRefusal(folder: string, error: unknown): string {
  if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
    return `Another gateway uses the data folder ${folder}: stop it, or set KEYTIDE_DATA_DIR to another folder.`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `The data folder ${folder} cannot be used (${reason}): make it writable, or set KEYTIDE_DATA_DIR to another folder.`;
}
