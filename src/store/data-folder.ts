import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from './store-error.ts';

/** The file whose lock says that a gateway runs on the folder. It stays empty. */
export const LOCK_FILE = 'gateway.lock';

/** How long a start waits for another one that is only looking. In milliseconds. */
const LOCK_WAIT_MS = 250;

/** SQLITE_BUSY: somebody else holds the lock. https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** A folder that nobody else runs a gateway on. */
export interface DataFolder {
  /** Absolute, with no symbolic link in it. */
  readonly path: string;
  /** Lets another gateway have the folder. */
  release(): void;
}

/** Locks are kept here too, so that one whose holder was forgotten is not collected as garbage and thereby released. */
const held = new Set<DatabaseSync>();

/**
 * Opens the folder, makes it when there is none (for its owner alone), and locks it against every other process and every
 * other call of this one.
 *
 * The lock is the operating system's, on an open file: it ends with the process however that ends, so nothing stale is
 * ever left and no process id has to be judged. Node has no call for such locks, but SQLite, which it brings, takes one
 * for an exclusive transaction: https://www.sqlite.org/lockingv3.html. Nothing is stored in that file.
 *
 * Throws a StoreError of one line when another gateway has the folder, or when it cannot be used.
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
    throw new StoreError(refusal(folder, error), { cause: error });
  }
  const taken = lock;
  held.add(taken);
  return {
    path: realpathSync(folder),
    release() {
      if (held.delete(taken)) taken.close();
    },
  };
}

function refusal(folder: string, error: unknown): string {
  if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
    return `Another gateway runs on the data folder ${folder}: stop it, or give this one its own by KEYTIDE_DATA_DIR.`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `The data folder ${folder} cannot be used (${reason}): make it writable, or name another by KEYTIDE_DATA_DIR.`;
}
