import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const rule = 'a policy imports #policy and its own files, and nothing else';

/** Where a module lies. */
export interface ModuleLocation {
  /** Its folder, with a slash in the end. */
  readonly folder: URL;
  readonly entry: URL;
  /** Its files that are TypeScript, as JavaScript, by their paths within it. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** Lets the files of one module be imported while something runs. At any other time nothing can be imported. */
export type ModuleLoader = <Value>(place: ModuleLocation, run: () => Promise<Value>) => Promise<Value>;

/**
 * Makes sure, from now on, that what is imported is the contract or a file of the module that is being loaded. Everything is
 * an ES module, whatever a package.json says.
 */
export function restrictImports(contract: URL): ModuleLoader {
  let loading: ModuleLocation | null = null;

  const resolve = (specifier: string): string => {
    if (loading === null)
      throw new Error(`It imports ${specifier} while it is being asked; imports stand on top of a file.`);
    if (specifier === '#policy' || specifier === 'keytide/policy') return contract.href;
    throw new Error(`It imports ${specifier}; ${rule}.`);
  };

  const resolveFile = (specifier: string, parent: string): string => {
    const { href } = new URL(specifier, parent);
    if (loading !== null && href.startsWith(loading.folder.href) && /\.(?:ts|js|mjs)$/.test(href)) return href;
    throw new Error(`It imports ${specifier}, which is no file of this module; ${rule}.`);
  };

  registerHooks({
    resolve(specifier, { parentURL = '' }) {
      const isEntry = loading !== null && specifier === loading.entry.href && parentURL === import.meta.url;
      if (isEntry) return { url: specifier, format: 'module', shortCircuit: true };
      const isRelative = /^\.{0,2}\//.test(specifier);
      const url = isRelative && loading !== null ? resolveFile(specifier, parentURL) : resolve(specifier);
      return { url, format: 'module', shortCircuit: true };
    },
    load(url) {
      return { format: 'module', source: readSource(url, loading), shortCircuit: true };
    },
  });

  return async (place, run) => {
    loading = place;
    try {
      return await run();
    } finally {
      loading = null;
    }
  };
}

/** All files are read at once: an import that takes any time waits for something that the module itself has to do. */
const IMPORT_MS = 250;

/** Before any module has run: later there are no timers. */
const after = setTimeout;

/** Imports from here, so that no module passes for the one that may import an entry. */
export function importEntry(entry: URL): Promise<{ readonly default?: unknown }> {
  const { promise, reject } = Promise.withResolvers<never>();
  after(() => reject(new Error('It waits, on top of a file, for a promise that is not settled.')), IMPORT_MS).unref();
  return Promise.race([import(entry.href) as Promise<{ readonly default?: unknown }>, promise]);
}

function readSource(url: string, place: ModuleLocation | null): string {
  const script = place?.scripts[decodeURIComponent(url.slice(place.folder.href.length))];
  try {
    return script ?? readFileSync(new URL(url), 'utf8');
  } catch {
    throw new Error(`It imports ${url.slice(url.lastIndexOf('/') + 1)}, which is no file of this module; ${rule}.`);
  }
}
