import { join } from 'node:path';
import { faultOf, type Fault } from './fault.ts';
import { findModules, type ModuleSources } from './find-modules.ts';
import { dropVersion, storeVersion, listVersions, type StoredVersion } from './version-store.ts';
import { entryFileOf, hashFiles, type ModuleFiles } from './module-files.ts';
import { readDocumentation } from './read-documentation.ts';
import type { Description } from './read-description.ts';
import type { ModuleRunner } from './run-modules.ts';

/** One version of a module that this node can run. */
export interface ModuleVersion extends Description {
  /** SHA-256 of its files, in hexadecimal. */
  readonly hash: string;
  /** Whether it is the version that its source has now. */
  readonly isCurrent: boolean;
  /** What its author wrote about it for operators. Null: nothing. */
  readonly documentation: string | null;
}

/** A source that is not a runnable module, and why, in one line. */
export interface ModuleProblem {
  /** A path, or the name of a package. */
  readonly source: string;
  readonly message: string;
}

/** The versions of modules that this node can run. */
export interface Catalogue {
  /** Returns all runnable versions by name, the current one of each first. */
  versions(): readonly ModuleVersion[];
  problems(): readonly ModuleProblem[];
  /** Whether a version is of a module that comes with Keytide. */
  isOwn(hash: string): boolean;
  /** Returns a runnable version. */
  find(hash: string): ModuleVersion | undefined;
  /** Returns a version's files in the store, or why it cannot be run. */
  locate(hash: string): StoredVersion | { readonly fault: Fault };
  /** Loads the versions that are in the store already. */
  open(): Promise<void>;
  /** Scans the sources. Resolves when all new versions have been tried, to whether anything changed. */
  scan(): Promise<boolean>;
}

interface LoadFailure {
  readonly fault: Fault;
  readonly retryAt: number;
  readonly count: number;
}

/** The back-off for a version that may have failed to load because of the machine. It doubles each time, up to the maximum. */
const RETRY_MS = 60_000;
const RETRY_MAX_MS = 3_600_000;

const CORRUPT = 'It was unreadable, or its files did not match its hash. It was removed.';

export function openCatalogue(options: {
  readonly sources: ModuleSources;
  readonly storeDir: string;
  readonly runner: ModuleRunner;
  readonly now: () => number;
}): Catalogue {
  const { sources, storeDir, runner, now } = options;
  const stored = new Map<string, StoredVersion>();
  const descriptions = new Map<string, Omit<ModuleVersion, 'hash' | 'isCurrent'>>();
  const failures = new Map<string, LoadFailure>();
  let corrupt: readonly ModuleProblem[] = [];
  let currentHashes: ReadonlySet<string> = new Set();
  const ownHashes = new Set<string>();
  let problems: readonly ModuleProblem[] = [];

  /** Tries to load a version, unless it is still in back-off. Returns whether it can be run. */
  const tryVersion = async (version: StoredVersion): Promise<boolean> => {
    if (descriptions.has(version.hash)) return true;
    const before = failures.get(version.hash);
    if (before !== undefined && before.retryAt > now()) return false;
    const result = await runner.describe(version);
    if ('fault' in result) {
      const count = (before?.count ?? 0) + 1;
      const isForGood = result.fault.kind === 'THROWS' || result.fault.kind === 'NONSENSE';
      const retryMs = isForGood ? Infinity : Math.min(RETRY_MS * 2 ** (count - 1), RETRY_MAX_MS);
      failures.set(version.hash, { fault: result.fault, count, retryAt: now() + retryMs });
      return false;
    }
    failures.delete(version.hash);
    const documentation = await readDocumentation(join(storeDir, version.hash, version.entry));
    descriptions.set(version.hash, { ...result, documentation });
    return true;
  };

  /** Returns why a found module cannot be run; null: it can. Only runnable versions stay in the store. */
  const problemOf = async (hash: string, files: ModuleFiles): Promise<string | null> => {
    const entry = entryFileOf(files);
    if (entry === null) return 'It has no entry file.';
    const isNew = !stored.has(hash);
    const mayBeTried = (failures.get(hash)?.retryAt ?? 0) <= now();
    if (isNew && mayBeTried) await storeVersion(storeDir, hash, files);
    if (await tryVersion({ hash, entry })) {
      stored.set(hash, { hash, entry });
      return null;
    }
    if (isNew && mayBeTried) await dropVersion(storeDir, hash);
    return failures.get(hash)?.fault.message ?? 'It does not load.';
  };

  /**
   * Assigns a module's name to the first source that claims the name. Returns a message about the conflict; null: no
   * conflict exists.
   */
  const claim = (hash: string, source: string, owners: Map<string, string>): string | null => {
    const name = descriptions.get(hash)?.name ?? '';
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, source);
    return owner === undefined ? null : `${source} has the name ${name}, which ${owner} has already.`;
  };

  const find = (hash: string): ModuleVersion | undefined => {
    const description = descriptions.get(hash);
    return description === undefined ? undefined : { ...description, hash, isCurrent: currentHashes.has(hash) };
  };

  const versionsNow = (): readonly ModuleVersion[] =>
    [...descriptions.keys()]
      .flatMap((hash) => find(hash) ?? [])
      .sort((one, other) => (rank(one) < rank(other) ? -1 : 1));

  return {
    versions: versionsNow,
    problems: () => problems,
    isOwn: (hash) => ownHashes.has(hash),
    find,
    locate: (hash) =>
      (descriptions.has(hash) ? stored.get(hash) : undefined) ?? failures.get(hash) ?? { fault: missing(hash) },

    async open() {
      const listed = await listVersions(storeDir);
      for (const hash of listed.corrupt) await dropVersion(storeDir, hash);
      corrupt = listed.corrupt.map((hash) => ({ source: join(storeDir, hash), message: CORRUPT }));
      for (const version of listed.versions) {
        stored.set(version.hash, version);
        await tryVersion(version);
      }
    },

    async scan() {
      const before = JSON.stringify([versionsNow(), problems]);
      const found = [...corrupt];
      const seen = new Set<string>();
      const current = new Set<string>();
      const owners = new Map<string, string>();
      for (const module of await findModules(sources)) {
        if ('problem' in module) {
          found.push({ source: module.source, message: module.problem });
          continue;
        }
        const hash = hashFiles(module.files);
        seen.add(hash);
        if (module.isOwn === true) ownHashes.add(hash);
        const problem = (await problemOf(hash, module.files)) ?? claim(hash, module.source, owners);
        if (problem === null) current.add(hash);
        else found.push({ source: module.source, message: problem });
      }
      for (const version of stored.values()) {
        if (seen.has(version.hash) || (await tryVersion(version))) continue;
        found.push({ source: join(storeDir, version.hash), message: failures.get(version.hash)?.fault.message ?? '' });
      }
      for (const hash of failures.keys()) if (!seen.has(hash) && !stored.has(hash)) failures.delete(hash);
      currentHashes = current;
      problems = found;
      return JSON.stringify([versionsNow(), problems]) !== before;
    },
  };
}

/** Returns the sort key: by name, current versions first, then by hash. Names contain no character that sorts before a space. */
function rank({ name, isCurrent, hash }: ModuleVersion): string {
  return `${name} ${isCurrent ? 0 : 1} ${hash}`;
}

function missing(hash: string): Fault {
  return faultOf('MISSING', `This node has no module version ${hash.slice(0, 12)}….`);
}
