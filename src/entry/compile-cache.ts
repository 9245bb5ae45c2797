import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { enableCompileCache, getCompileCacheDir } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { settingTable } from '../settings/table.ts';

/** Write permission of the group and of others. */
const FOREIGN_WRITE = 0o022;

/** A folder that Node makes for the caches of one of its versions: version, architecture, hash, and the user's id. */
const NODE_FOLDER = /^v\d+\.\d+\.\d+(-[\w.]+)?-[a-z0-9]+-[0-9a-f]{1,8}(-\d+)?$/;

/**
 * Lets Node cache the compiled form of all modules that are imported after the call, in the data folder: a restart then takes
 * less CPU time. Node runs what it finds there, so the cache is used only if no other user of the machine can write to it.
 * The data folder is not created here: the first start creates it, with its permissions. Never throws: without a cache that
 * can be used, Node compiles the modules.
 */
export function cacheCompiledModules(environment: NodeJS.ProcessEnv): void {
  const { name, fallback } = settingTable.dataDir;
  // Without a slash at the end, which would follow a symbolic link.
  const dataDir = resolve(environment[name] || fallback);
  const folder = join(dataDir, 'compiled');
  try {
    if (!isPrivateFolder(dataDir)) return;
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    if (!isPrivateFolder(folder)) return;
    enableCompileCache(folder);
    const used = getCompileCacheDir();
    if (used !== undefined && dirname(used) === folder) removeOtherVersions(folder, basename(used));
  } catch {
    // For example a data folder that is read-only.
  }
}

/** Whether a path is a folder, no symbolic link, to which only the user of this process can write. */
function isPrivateFolder(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.() && (stats.mode & FOREIGN_WRITE) === 0;
}

/** Removes the caches of other versions of Node, which no start uses any more. */
function removeOtherVersions(folder: string, present: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === present || !NODE_FOLDER.test(entry.name)) continue;
    rmSync(join(folder, entry.name), { recursive: true, force: true });
  }
}
