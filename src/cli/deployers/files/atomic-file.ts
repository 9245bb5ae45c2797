import { constants } from 'node:fs';
import { access, chown, open, readFile, realpath, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CommandError, exitStatus } from '../../exit-status.ts';

/**
 * Replaces the content of a file atomically and durably, with mode 0600: readers see the old text or the new one, never
 * a part, even after a power failure. A symbolic link stays, and its target is replaced.
 *
 * @throws CommandError CANNOT_CREATE; the file is then unchanged.
 */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  try {
    const target = await realpath(path).catch(valueIfMissing(path));
    await refuseOtherUsersFile(target);
    // A fixed name, so that the next run removes what a killed run leaves behind.
    const newFile = join(dirname(target), `.${basename(target)}.keytide-new`);
    await rm(newFile, { force: true });
    const file = await open(newFile, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await copyOwner(target, newFile);
    await rename(newFile, target);
    await syncFolder(dirname(target));
  } catch (error) {
    throw toWriteError(path, error);
  }
}

/** Checks whether `writeFileAtomically` would succeed. @throws CommandError CANNOT_CREATE if it would not. */
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
 * Reads a text file; null: it does not exist.
 *
 * @throws CommandError NO_PERMISSION if it cannot be read, DATA if it is not UTF-8, because writing it back would
 *   change it.
 */
export async function readTextFile(path: string): Promise<string | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(exitStatus.NO_PERMISSION, `Cannot read the file ${path} (${code}).`, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CommandError(exitStatus.DATA, `The file ${path} is not UTF-8 text. It was not changed.`);
  }
}

/** Removes a file durably. Does nothing if it does not exist. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
    await syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw toWriteError(path, error);
  }
}

/** Syncs a folder, so that a renamed or removed file stays so after a power failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Refuses to replace another user's file, which that user could then no longer read. Root may: `copyOwner` then
 * preserves the owner.
 */
async function refuseOtherUsersFile(target: string): Promise<void> {
  const ownUid = process.geteuid?.();
  if (ownUid === undefined || ownUid === 0) return;
  const stats = await stat(target).catch(valueIfMissing(null));
  if (stats === null || stats.uid === ownUid) return;
  throw new CommandError(exitStatus.CANNOT_CREATE, `The file ${target} belongs to another user. It was not changed.`);
}

/** As root, gives the new file the owner of the file that it replaces. */
async function copyOwner(target: string, newFile: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const stats = await stat(target).catch(valueIfMissing(null));
  if (stats !== null) await chown(newFile, stats.uid, stats.gid);
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
  return new CommandError(exitStatus.CANNOT_CREATE, `Cannot write the file ${path} (${code}).`, error);
}
