import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { entryFileOf, hashFiles, type ModuleFiles } from './module-files.ts';

const hashShape = /^[\da-f]{64}$/;
/** What is still being written, or was when a process ended. */
const unfinished = /^\.[\dA-Za-z-]+$/;

/** A version that is kept, by its hash, with the file that exports the policy. */
export interface StoredVersion {
  readonly hash: string;
  readonly entry: string;
}

/**
 * All versions that a folder keeps, and the hashes of those whose files are no longer what their hash says. Makes the folder
 * where there is none, and removes what a process that ended left half written.
 */
export async function listVersions(
  folder: string,
): Promise<{ readonly kept: readonly StoredVersion[]; readonly spoiled: string[] }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kept: StoredVersion[] = [];
  const spoiled: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    if (unfinished.test(name)) await rm(path, { recursive: true, force: true });
    if (!hashShape.test(name)) continue;
    const files = await readAll(path);
    const entry = files === null || hashFiles(files) !== name ? null : entryFileOf(files);
    if (entry === null) spoiled.push(name);
    else kept.push({ hash: name, entry });
  }
  return { kept, spoiled };
}

/** Keeps the files of a version below its hash: all of them or, when that fails, none. One that is there already stays. */
export async function storeVersion(folder: string, hash: string, files: ModuleFiles): Promise<void> {
  const beside = await mkdtemp(join(folder, '.'));
  for (const [path, bytes] of Object.entries(files)) {
    const to = join(beside, path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await writeFile(to, bytes, { mode: 0o600, flush: true });
  }
  try {
    await rename(beside, join(folder, hash));
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** Forgets a version. */
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
