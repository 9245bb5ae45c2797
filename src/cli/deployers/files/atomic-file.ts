import { constants } from 'node:fs';
import { open, readFile, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CommandError, exitStatus } from '../../exit-status.ts';
import { cannotWrite, resolveTarget, type WriteTarget } from './resolve-target.ts';

/**
 * Replaces the content of a file atomically and durably, with mode 0600: readers see the old text or the new one, never
 * a part, even after a power failure. A symbolic link stays, and its target is replaced or created. A mounted file
 * cannot be replaced: it is written in place, which is not atomic.
 *
 * @throws CommandError CANNOT_CREATE. The file is then unchanged, except that a mounted file may be partly written.
 */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  await replaceContent(path, text, () => 0o600);
}

/** Like `writeFileAtomically`, but keeps the group and the mode of a file that is not accessible to all users. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await replaceContent(path, text, keepMode);
}

async function replaceContent(path: string, text: string, modeOf: (mode: number) => number): Promise<void> {
  const target = await resolveTarget(path);
  const mode = target.stats === null ? 0o600 : modeOf(target.stats.mode & 0o777);
  try {
    if (target.isMounted) await writeInPlace(target.path, text, mode);
    else await writeByRename(target, text, mode);
  } catch (error) {
    throw toWriteError(target.path, error);
  }
}

/** Keeps the access of owner and group. A file that all users may read loses everything but the owner's access. */
function keepMode(mode: number): number {
  return (mode & 0o007) === 0 ? mode : 0o600;
}

async function writeByRename({ path, stats }: WriteTarget, text: string, mode: number): Promise<void> {
  // A fixed name, so that the next run removes what a killed run leaves behind.
  const newFile = join(dirname(path), `.${basename(path)}.keytide-new`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const file = await rm(newFile, { force: true })
    .then(() => open(newFile, flags, 0o600))
    .catch((error: unknown) => {
      throw cannotWrite(`Cannot create a file in the folder ${dirname(path)}`, error);
    });
  try {
    const keepsGroup = stats === null || (await copyOwner(file, stats.uid, stats.gid));
    await file.chmod(keepsGroup ? mode : mode & 0o700);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(newFile, path);
  await syncFolder(dirname(path));
}

async function writeInPlace(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.chmod(mode);
    const bytes = Buffer.from(text);
    await file.write(bytes, 0, bytes.length, 0);
    await file.truncate(bytes.length);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a new file the owner and group of the file that it replaces. Returns false if the group is not allowed. */
async function copyOwner(file: FileHandle, uid: number, gid: number): Promise<boolean> {
  const created = await file.stat();
  if (created.uid === uid && created.gid === gid) return true;
  return file.chown(uid, gid).then(
    () => true,
    () => false,
  );
}

/** Checks whether `replaceFile` would succeed. @throws CommandError CANNOT_CREATE if it would not. */
export async function checkReplaceable(path: string): Promise<void> {
  await resolveTarget(path);
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
    const stats = await stat(path);
    // A named pipe would never end.
    if (!stats.isFile() && !stats.isDirectory()) {
      throw new CommandError(exitStatus.NO_PERMISSION, `${path} is not a regular file.`);
    }
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
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

function toWriteError(path: string, error: unknown): CommandError {
  return error instanceof CommandError ? error : cannotWrite(`Cannot write the file ${path}`, error);
}
