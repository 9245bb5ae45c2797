import { createHash } from 'node:crypto';

/** The bytes of a module's files, by their relative paths with `/`. */
export type ModuleFiles = Readonly<Record<string, Uint8Array>>;

/** The file that names the entry file of a package. */
export const PACKAGE_FILE = 'package.json';

/** Returns the hash that pins a module: SHA-256 in hexadecimal over its files in order of their paths, each preceded by path and length. */
export function hashFiles(files: ModuleFiles): string {
  const hash = createHash('sha256');
  for (const path of Object.keys(files).sort()) {
    const bytes = files[path] ?? new Uint8Array();
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** Returns the path of the file that exports the policy; null: there is none. It depends only on the files. */
export function entryFileOf(files: ModuleFiles): string | null {
  const paths = Object.keys(files);
  const description = files[PACKAGE_FILE];
  const [only = null] = paths.length === 1 ? paths : [];
  const named = description === undefined ? null : namedEntry(description);
  const candidates = [named, only, 'index.ts', 'index.js', 'index.mjs'];
  return candidates.find((path): path is string => path !== null && path !== PACKAGE_FILE && path in files) ?? null;
}

/** Returns the entry point for `import` of a package.json (nodejs.org, Packages, "Package entry points"). */
function namedEntry(description: Uint8Array): string | null {
  try {
    const { exports: given, main } = JSON.parse(new TextDecoder().decode(description)) as Record<string, unknown>;
    const path =
      findExportedFile(typeof given === 'object' && given !== null && '.' in given ? given['.'] : given) ?? main;
    return typeof path === 'string' ? path.replace(/^\.\//, '') : null;
  } catch {
    return null;
  }
}

/**
 * Returns the file to which a target of a package’s `exports` leads: the first export condition that Node would use for
 * `import`, nested ones included. Null: there is none.
 */
function findExportedFile(target: unknown): string | null {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return null;
  for (const [condition, inner] of Object.entries(target)) {
    const file = ['import', 'node', 'default'].includes(condition) ? findExportedFile(inner) : null;
    if (file !== null) return file;
  }
  return null;
}
