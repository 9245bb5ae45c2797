import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { entryFileOf, hashFiles, type ModuleFiles } from './module-files.ts';

const hashShape = /^[\da-f]{64}$/;
/** The temporary folder of a version that is being written, or was when a process ended. */
const unfinished = /^\.[\dA-Za-z-]+$/;

/** A stored version: its hash, and its file that exports the policy. */
export interface StoredVersion {
  readonly hash: string;
  readonly entry: string;
}

/**
 * Lists the stored versions, and the hashes of those whose files do not match their hash. Creates the folder if it is missing, and
 * removes temporary folders that an ended process left.
 */
export async function listVersions(
  folder: string,
): Promise<{ readonly versions: readonly StoredVersion[]; readonly corrupt: string[] }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const versions: StoredVersion[] = [];
  const corrupt: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    if (unfinished.test(name)) await rm(path, { recursive: true, force: true });
    if (!hashShape.test(name)) continue;
    const files = await readAll(path);
    const entry = files === null || hashFiles(files) !== name ? null : entryFileOf(files);
    if (entry === null) corrupt.push(name);
    else versions.push({ hash: name, entry });
  }
  return { versions, corrupt };
}

/** Stores the files of a version in a folder named by its hash, atomically. A version that is stored already stays. */
export async function storeVersion(folder: string, hash: string, files: ModuleFiles): Promise<void> {
  const temporary = await mkdtemp(join(folder, '.'));
  for (const [path, bytes] of Object.entries(files)) {
    const to = join(temporary, path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await writeFile(to, bytes, { mode: 0o600, flush: true });
  }
  try {
    await rename(temporary, join(folder, hash));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** Removes a version from the store. */
export async function dropVersion(folder: string, hash: string): Promise<void> {
  await rm(join(folder, hash), { recursive: true, force: true });
}

async function readAll(root: string): Promise<ModuleFiles | null> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return Object.fromEntries(
      await Promise.all(
        files.map(async ({ parentPath, name }) => {
          const path = join(parentPath, name);
          return [relative(root, path).replaceAll(sep, '/'), await readFile(path)] as const;
        }),
      ),
    );
  } catch {
    return null;
  }
}
