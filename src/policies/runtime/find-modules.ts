import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { entryFileOf, PACKAGE_FILE, type ModuleFiles } from './module-files.ts';

export interface ModuleSources {
  /** The folder of the modules that come with Keytide. */
  readonly pluginsDir: string;
  /** The operator's own folder; null: none. */
  readonly extraDir: string | null;
  /** Names of npm packages, resolved from the working directory. */
  readonly packages: readonly string[];
}

/**
 * A module found on disk, or why it cannot be used. `source` is its path or the name of its package; `isOwn`: it comes with
 * Keytide.
 */
export type FoundModule = { readonly source: string; readonly isOwn?: boolean } & (
  { readonly files: ModuleFiles } | { readonly problem: string }
);

const FILES_MAX = 200;
const BYTES_MAX = 1_000_000;

const isCode = (name: string) => /\.(?:ts|js|mjs)$/.test(name) && !/\.(?:test|cases|d)\.(?:ts|js|mjs)$/.test(name);

/** Finds the modules of all sources, in the order in which they may claim a name. Never rejects. */
export async function findModules({ pluginsDir, extraDir, packages }: ModuleSources): Promise<readonly FoundModule[]> {
  const own = (await findInFolder(pluginsDir)).map((module) => ({ ...module, isOwn: true }));
  const extra = extraDir === null ? [] : await findInFolder(extraDir);
  return [...own, ...extra, ...(await Promise.all(packages.map(findPackage))).flat()];
}

async function findInFolder(folder: string): Promise<readonly FoundModule[]> {
  try {
    const root = await realpath(folder);
    const names = (await readdir(root)).filter((name) => !/^[._]/.test(name)).sort();
    const found = await Promise.all(names.map((name) => findOne(root, name, join(folder, name))));
    return found.filter((one) => one !== null);
  } catch (error) {
    return [{ source: folder, problem: `The folder cannot be read (${codeOf(error)}).` }];
  }
}

/** Reads the module at one name of a folder; null: it is neither a code file nor a folder with an entry file. */
async function findOne(root: string, name: string, source: string): Promise<FoundModule | null> {
  try {
    const path = await insidePath(root, join(root, name));
    if (!(await stat(path)).isDirectory()) {
      return isCode(name) ? { source, files: { [name]: await readCode(path) } } : null;
    }
    const files = await readFolder(path, isCode);
    return 'index.ts' in files || 'index.js' in files ? { source, files } : null;
  } catch (error) {
    return { source, problem: describeProblem(error) };
  }
}

/** Reads a package. It must ship JavaScript. Its package.json names the entry file and is therefore part of the module. */
async function findPackage(name: string): Promise<readonly FoundModule[]> {
  try {
    const description = findPackageJSON(name, pathToFileURL(join(process.cwd(), 'any.js')));
    if (description === undefined) throw new RejectedModule('The package is not installed.');
    const isPart = (path: string) => path === PACKAGE_FILE || (isCode(path) && !path.endsWith('.ts'));
    const files = await readFolder(await realpath(dirname(description)), isPart);
    if (entryFileOf(files) === null)
      throw new RejectedModule('Its package.json does not name a JavaScript entry file.');
    return [{ source: name, files }];
  } catch (error) {
    const isUnknown = codeOf(error) === 'ERR_MODULE_NOT_FOUND';
    return [{ source: name, problem: isUnknown ? 'The package is not installed.' : describeProblem(error) }];
  }
}

/** Reads the files in a folder, at any depth, that are part of a module. */
async function readFolder(root: string, isPart: (path: string) => boolean): Promise<ModuleFiles> {
  const files: Record<string, Uint8Array> = {};
  let byteCount = 0;
  const walk = async (folder: string): Promise<void> => {
    for (const name of (await readdir(folder)).sort()) {
      if (name.startsWith('.') || name === 'node_modules') continue;
      const path = join(folder, name);
      const real = await insidePath(root, path);
      const key = relative(root, path).replaceAll(sep, '/');
      if ((await stat(real)).isDirectory()) await walk(path);
      else if (isPart(key)) {
        files[key] = await readCode(real);
        byteCount += files[key].length;
      }
      const isTooMuch = byteCount > BYTES_MAX || Object.keys(files).length > FILES_MAX;
      if (isTooMuch) throw new RejectedModule(`It is larger than ${FILES_MAX} files or 1 MB.`);
    }
  };
  await walk(root);
  return files;
}

async function readCode(path: string): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > BYTES_MAX) throw new RejectedModule('It is larger than 1 MB.');
  return readFile(path);
}

/** Resolves symbolic links. Throws if the path leads out of the folder. */
async function insidePath(root: string, path: string): Promise<string> {
  const real = await realpath(path);
  if (real.startsWith(`${root}${sep}`)) return real;
  throw new RejectedModule('It is, or contains, a symbolic link that leads out of the folder.');
}

/** The reason why something is not used as a module, in a sentence. */
class RejectedModule extends Error {
  override readonly name = 'NotTaken';
}

function describeProblem(error: unknown): string {
  return error instanceof RejectedModule ? error.message : `It cannot be read (${codeOf(error)}).`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
