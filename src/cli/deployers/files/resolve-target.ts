import type { Stats } from 'node:fs';
import { access, constants, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CommandError, exitStatus } from '../../exit-status.ts';
import { isMountPoint } from './mount-point.ts';

/** How many symbolic links in a row are followed, as in Linux (path_resolution(7)). */
const LINKS_MAX = 40;

/** The file that is written, behind all symbolic links. */
export interface WriteTarget {
  readonly path: string;
  /** Null: the file does not exist yet. */
  readonly stats: Stats | null;
  /** Whether the file is a mount point, which can only be written in place. */
  readonly isMounted: boolean;
}

/**
 * Follows symbolic links to the file that is to be written, which may not exist yet, and checks whether it can be
 * written. @throws CommandError CANNOT_CREATE that names the file or folder which prevents it.
 */
export async function resolveTarget(path: string): Promise<WriteTarget> {
  const target = await followLinks(path);
  const stats = await stat(target).catch((error: unknown) => {
    if (readCode(error) === 'ENOENT') return null;
    throw cannotWrite(`Cannot write the file ${target}`, error);
  });
  if (stats !== null && !stats.isFile()) throw cannotWrite(`${target} is not a regular file. It was not changed`);
  refuseOtherUsersFile(target, stats);
  const isMounted = stats !== null && (await isMountPoint(target));
  const written = isMounted ? target : dirname(target);
  await access(written, constants.W_OK).catch((error: unknown) => {
    throw cannotWrite(
      isMounted ? `Cannot write the file ${target}` : `Cannot create a file in the folder ${written}`,
      error,
    );
  });
  return { path: target, stats, isMounted };
}

async function followLinks(path: string): Promise<string> {
  let target = resolve(path);
  for (let count = 0; count <= LINKS_MAX; count += 1) {
    const folder = await realpath(dirname(target)).catch((error: unknown) => {
      const isMissing = readCode(error) === 'ENOENT';
      throw cannotWrite(
        isMissing ? `The folder ${dirname(target)} does not exist` : `Cannot open the folder ${dirname(target)}`,
        error,
      );
    });
    target = join(folder, basename(target));
    const link = await readlink(target).catch(() => null);
    if (link === null) return target;
    target = resolve(folder, link);
  }
  throw cannotWrite(`The link ${path} leads to itself, or through more than ${String(LINKS_MAX)} links`);
}

/**
 * Refuses to replace another user's file, which that user could then no longer read. Root may replace it: the owner is
 * then preserved.
 */
function refuseOtherUsersFile(target: string, stats: Stats | null): void {
  const ownUid = process.geteuid?.();
  if (stats === null || ownUid === undefined || ownUid === 0 || stats.uid === ownUid) return;
  throw cannotWrite(`The file ${target} belongs to another user. It was not changed`);
}

function readCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

/**
 * Returns the error for a file that cannot be written, with the code of the operating system’s error if there is one.
 */
export function cannotWrite(found: string, error?: unknown): CommandError {
  const reason = error === undefined ? '' : ` (${readCode(error)})`;
  return new CommandError(exitStatus.CANNOT_CREATE, `${found}${reason}.`, error);
}
