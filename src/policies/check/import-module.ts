import { existsSync, readFileSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveOwnFile } from '../../resolve-own-file.ts';
import type { Findings } from './policy-checks.ts';
import type { AccessWatch } from './watch-access.ts';

const contract = resolveOwnFile('../contract.ts', import.meta.url).href;

/** What a policy may call the contract by, wherever its file lies. */
const contractNames: ReadonlySet<string> = new Set(['#policy', 'keytide/policy']);

/** The file of a folder that exports the policy. */
const entryNames = ['index.ts', 'index.js', 'index.mjs'];

/** Where a module lies. */
interface ModulePath {
  readonly entry: string;
  /** Whose files are its own; null: it is one file. */
  readonly folder: string | null;
}

/** A module as it was loaded. */
export interface ImportedModule {
  /** What it exports as default. */
  readonly policy: unknown;
  /** The text of each of its files that it imports. */
  readonly sources: readonly string[];
}

/**
 * Imports a module, a file or a folder with an `index`; null: it does not load. What it imports from elsewhere, and what it
 * reaches for while it loads, is found.
 */
export async function importModule(
  path: string,
  watch: AccessWatch,
  findings: Findings,
): Promise<ImportedModule | null> {
  const place = placeOf(resolve(path));
  if (place === null) {
    findings.add('loads', `there is no module at ${path}`);
    return null;
  }
  const own = followImports(place, findings);
  const close = watch.open();
  try {
    const { default: policy = null } = (await import(place.entry)) as { default?: unknown };
    if (policy !== null) return { policy, sources: [...own].map((url) => readFileSync(new URL(url), 'utf8')) };
    findings.add('loads', 'it exports nothing as default; definePolicy({ … }) is expected there');
    return null;
  } catch (error) {
    findings.add('loads', String(error));
    return null;
  } finally {
    for (const what of close()) findings.add('pure', `while it loads it looks at ${what}`);
  }
}

function placeOf(path: string): ModulePath | null {
  if (!existsSync(path)) return null;
  if (!statSync(path).isDirectory()) return { entry: pathToFileURL(path).href, folder: null };
  const name = entryNames.find((one) => existsSync(join(path, one)));
  const folder = `${pathToFileURL(path).href}/`;
  return name === undefined ? null : { entry: folder + name, folder };
}

/** Lets the module, and its own files that it imports, find the contract, and tells of all other imports. Gives those files. */
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
