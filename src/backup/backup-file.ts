import { once } from 'node:events';
import { createWriteStream, existsSync, linkSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { createGzip } from 'node:zlib';

/** A backup file that cannot be written. */
export class BackupFileError extends Error {
  override readonly name = 'BackupFileError';
}

/**
 * Writes a new compressed file that only its owner can read. The file appears under its name when it is whole and synced;
 * until then it has the suffix `.partial`. If `write` fails, nothing remains.
 *
 * Throws a BackupFileError if there is a file already, or if it cannot be written.
 */
export async function writeBackupFile<T>(path: string, write: (to: Writable) => Promise<T>): Promise<T> {
  refuseExisting(path);
  const partial = `${path}.partial`;
  rmSync(partial, { force: true }); // A run that was killed leaves it behind.
  const gzip = createGzip();
  const file = createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true });
  const written = pipeline(gzip, file);
  // A failed file ends the writer, which would otherwise wait for the stream to drain.
  const failed = written.then(() => new Promise<never>(() => undefined));
  try {
    const result = await Promise.race([write(gzip), failed]);
    gzip.end();
    await written;
    linkSync(partial, path);
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    gzip.destroy();
    await written.catch(() => undefined);
    if (!file.closed) await once(file, 'close');
    throw describeFailure(error, path);
  } finally {
    rmSync(partial, { force: true });
  }
}

function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw new BackupFileError(
    `Backup ${path}: found a file; expected a new name: name another file, or move this one away.`,
  );
}

function describeFailure(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST')
    return new BackupFileError(`Backup ${path}: another process wrote it meanwhile: name another file.`);
  if (syscall === undefined || !/^(open|write|fsync|link|close)$/.test(syscall)) return error;
  const remedy =
    code === 'ENOSPC' ? 'free space, or name a file on another disk' : 'name a file in a folder that you may write to';
  return new BackupFileError(`Backup ${path}: the file cannot be written (${code}): ${remedy}.`, { cause: error });
}

/** Syncs the entries of a folder: before that, a power failure may undo the new name. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}
