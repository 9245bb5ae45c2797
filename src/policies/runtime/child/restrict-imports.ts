import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const rule = 'a policy imports #policy and its own files, and nothing else';

/** The files of a module. */
export interface ModuleLocation {
  /** Its folder, with a slash at the end. */
  readonly folder: URL;
  readonly entry: URL;
  /** Its TypeScript files as JavaScript, by relative path. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** Allows imports of one module's files while `run` is running. At any other time nothing can be imported. */
export type ModuleLoader = <Value>(place: ModuleLocation, run: () => Promise<Value>) => Promise<Value>;

/**
 * Restricts all imports from now on to the contract and the files of the module that is being loaded. Every file is an ES module,
 * whatever a package.json says.
 */
export function restrictImports(contract: URL): ModuleLoader {
  let loading: ModuleLocation | null = null;

  const resolve = (specifier: string): string => {
    if (loading === null)
      throw new Error(`It imports ${specifier} while it is being called; use static imports at the top of a file.`);
    if (specifier === '#policy' || specifier === 'keytide/policy') return contract.href;
    throw new Error(`It imports ${specifier}; ${rule}.`);
  };

  const resolveFile = (specifier: string, parent: string): string => {
    const { href } = new URL(specifier, parent);
    if (loading !== null && href.startsWith(loading.folder.href) && /\.(?:ts|js|mjs)$/.test(href)) return href;
    throw new Error(`It imports ${specifier}, which is not a file of this module; ${rule}.`);
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

/** The longest import. Files are read synchronously, so that a slow import waits for a top-level promise of the module. */
const IMPORT_MS = 250;

/** Taken before any module runs, because timers are removed later. */
const startTimer = setTimeout;

/** Imports an entry file. Only this file may do so, so that no module can import the entry of another. */
export function importEntry(entry: URL): Promise<{ readonly default?: unknown }> {
  const { promise, reject } = Promise.withResolvers<never>();
  startTimer(
    () => reject(new Error('It awaits, at the top level of a file, a promise that does not settle.')),
    IMPORT_MS,
  ).unref();
  return Promise.race([import(entry.href) as Promise<{ readonly default?: unknown }>, promise]);
}

function readSource(url: string, place: ModuleLocation | null): string {
  const script = place?.scripts[decodeURIComponent(url.slice(place.folder.href.length))];
  try {
    return script ?? readFileSync(new URL(url), 'utf8');
  } catch {
    throw new Error(`It imports ${url.slice(url.lastIndexOf('/') + 1)}, which is not a file of this module; ${rule}.`);
  }
}
