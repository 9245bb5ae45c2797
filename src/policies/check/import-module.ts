import { existsSync, readFileSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveOwnFile } from '../resolve-own-file.ts';
import type { Findings } from './policy-checks.ts';
import type { AccessWatch } from './watch-access.ts';

const contract = resolveOwnFile('../contract.ts', import.meta.url).href;

/** The names by which a policy may import the contract. */
const contractNames: ReadonlySet<string> = new Set(['#policy', 'keytide/policy']);

/** The possible entry files of a folder. */
const entryNames = ['index.ts', 'index.js', 'index.mjs'];

/** The location of a module. */
interface ModulePath {
  readonly entry: string;
  /** The module's folder; null: the module is a single file. */
  readonly folder: string | null;
}

/** A loaded module. */
export interface ImportedModule {
  /** Its default export. */
  readonly policy: unknown;
  /** The source text of each of its imported files. */
  readonly sources: readonly string[];
}

/**
 * Imports a module, which is a file or a folder with an `index` file. Returns null if the module does not load. Adds
 * findings for imports from elsewhere, and for impure access while it loads.
 */
export async function importModule(
  path: string,
  watch: AccessWatch,
  findings: Findings,
): Promise<ImportedModule | null> {
  const place = placeOf(resolve(path));
  if (place === null) {
    findings.add('loads', `no module found at ${path}`);
    return null;
  }
  const own = followImports(place, findings);
  const close = watch.open();
  try {
    const { default: policy = null } = (await import(place.entry)) as { default?: unknown };
    if (policy !== null) return { policy, sources: [...own].map((url) => readFileSync(new URL(url), 'utf8')) };
    findings.add('loads', 'it has no default export; expected definePolicy({ … })');
    return null;
  } catch (error) {
    findings.add('loads', String(error));
    return null;
  } finally {
    for (const what of close()) findings.add('pure', `it uses ${what} while it loads`);
  }
}

function placeOf(path: string): ModulePath | null {
  if (!existsSync(path)) return null;
  if (!statSync(path).isDirectory()) return { entry: pathToFileURL(path).href, folder: null };
  const name = entryNames.find((one) => existsSync(join(path, one)));
  const folder = `${pathToFileURL(path).href}/`;
  return name === undefined ? null : { entry: folder + name, folder };
}

/**
 * Lets the module's files import the contract and each other, and adds a finding for every other import. Returns the
 * URLs of the module's files; a file is added when it is imported.
 */
function followImports({ entry, folder }: ModulePath, findings: Findings): ReadonlySet<string> {
  const own = new Set([entry]);
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (context.parentURL === undefined || !own.has(context.parentURL)) return nextResolve(specifier, context);
      if (contractNames.has(specifier)) return nextResolve(contract, context);
      const found = nextResolve(specifier, context);
      if (folder !== null && found.url.startsWith(folder)) own.add(found.url);
      else findings.add('imports', `it imports ${specifier}`);
      return found;
    },
  });
  return own;
}
