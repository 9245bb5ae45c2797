import { constants } from 'node:fs';
import { access, chown, open, readFile, realpath, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CommandError, exitStatus } from '../exit-status.ts';

/**
 * Puts a text in place of a file's, for its owner alone (mode 0600): whoever reads it finds the old text or the new one, and
 * never a part; after a power cut too. A symbolic link stays, and what it leads to is replaced.
 *
 * @throws CommandError CANNOT_CREATE, and the file is as it was.
 */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  try {
    const target = await realpath(path).catch(valueIfMissing(path));
    await refuseOtherUsersFile(target);
    // Of a name that is always the same, so that what a run leaves that is killed is taken away by the next.
    const fresh = join(dirname(target), `.${basename(target)}.keytide-new`);
    await rm(fresh, { force: true });
    const file = await open(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await copyOwner(target, fresh);
    await rename(fresh, target);
    await syncFolder(dirname(target));
  } catch (error) {
    throw toWriteError(path, error);
  }
}

/** Looks whether `replaceFile` would succeed. @throws CommandError CANNOT_CREATE where it would not. */
export async function checkReplaceable(path: string): Promise<void> {
  try {
    const target = await realpath(path).catch(valueIfMissing(path));
    await refuseOtherUsersFile(target);
    await access(dirname(target), constants.W_OK);
  } catch (error) {
    throw toWriteError(path, error);
  }
}

/**
 * The text of a file; null: there is none.
 *
 * @throws CommandError NO_PERMISSION when it cannot be read, DATA when it is not UTF-8: written back it would be another file.
 */
export async function readTextFile(path: string): Promise<string | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(exitStatus.NO_PERMISSION, `The file ${path} cannot be read (${code}).`, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CommandError(exitStatus.DATA, `The file ${path} is no text in UTF-8: it is left as it is.`);
  }
}

/** Takes a file away for good, after a power cut too; it may be gone already. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
    await syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw toWriteError(path, error);
  }
}

/** A name in a folder is there after a power cut when the folder was synced. */
async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** Another user's file would become ours alone, and they could not read it any more. Root leaves it theirs. */
async function refuseOtherUsersFile(target: string): Promise<void> {
  const own = process.geteuid?.();
  if (own === undefined || own === 0) return;
  const before = await stat(target).catch(valueIfMissing(null));
  if (before === null || before.uid === own) return;
  throw new CommandError(exitStatus.CANNOT_CREATE, `The file ${target} is another user's: it stays as it is.`);
}

/** Root who writes a file of somebody else's leaves it theirs. */
async function copyOwner(target: string, fresh: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const before = await stat(target).catch(valueIfMissing(null));
  if (before !== null) await chown(fresh, before.uid, before.gid);
}

function valueIfMissing<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}

function toWriteError(path: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return new CommandError(exitStatus.CANNOT_CREATE, `The file ${path} cannot be written (${code}).`, error);
}
