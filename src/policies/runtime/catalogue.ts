import { join } from 'node:path';
import { faultOf, type Fault } from './fault.ts';
import { findModules, type ModuleSources } from './find-modules.ts';
import { dropVersion, storeVersion, listVersions, type StoredVersion } from './version-store.ts';
import { entryFileOf, hashFiles, type ModuleFiles } from './module-files.ts';
import type { Description } from './read-description.ts';
import type { ModuleRunner } from './run-modules.ts';

/** One version of a module that this node can run. */
export interface ModuleVersion extends Description {
  /** SHA-256 of its files, in hexadecimal. */
  readonly hash: string;
  /** Whether it is what its source has now. */
  readonly isCurrent: boolean;
}

/** Something that is no module that can be run, and why, in one line. */
export interface ModuleProblem {
  /** A path, or the name of a package. */
  readonly source: string;
  readonly message: string;
}

/** What there is to run. */
export interface Catalogue {
  /** By name, the current one of each first. */
  versions(): readonly ModuleVersion[];
  problems(): readonly ModuleProblem[];
  /** A version that can be run. */
  find(hash: string): ModuleVersion | undefined;
  /** Where a version lies, or why it cannot be run. */
  locate(hash: string): StoredVersion | { readonly fault: Fault };
  /** Takes what was kept before. */
  open(): Promise<void>;
  /** Looks at the sources. Resolves when everything that is new has been tried; true: there is a difference. */
  scan(): Promise<boolean>;
}

interface LoadFailure {
  readonly fault: Fault;
  readonly retryAt: number;
  readonly count: number;
}

/** A version that does not load for what may be the machine's fault is tried again after so long, and twice as long each time. */
const RETRY_MS = 60_000;
const RETRY_MAX_MS = 3_600_000;

const CORRUPT = 'Its files were not what its hash says. It was removed.';

export function openCatalogue(options: {
  readonly sources: ModuleSources;
  readonly storeDir: string;
  readonly runner: ModuleRunner;
  readonly now: () => number;
}): Catalogue {
  const { sources, storeDir, runner, now } = options;
  const kept = new Map<string, StoredVersion>();
  const descriptions = new Map<string, Description>();
  const failures = new Map<string, LoadFailure>();
  let spoiled: readonly ModuleProblem[] = [];
  let currentHashes: ReadonlySet<string> = new Set();
  let problems: readonly ModuleProblem[] = [];

  /** Whether it can be run. What failed before is only tried again when it is time. */
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
    descriptions.set(version.hash, result);
    return true;
  };

  /** Why what was found cannot be run, or null. Only a version that can be run is kept. */
  const problemOf = async (hash: string, files: ModuleFiles): Promise<string | null> => {
    const entry = entryFileOf(files);
    if (entry === null) return 'It has no file that comes first.';
    const isNew = !kept.has(hash);
    const mayBeTried = (failures.get(hash)?.retryAt ?? 0) <= now();
    if (isNew && mayBeTried) await storeVersion(storeDir, hash, files);
    if (await tryVersion({ hash, entry })) {
      kept.set(hash, { hash, entry });
      return null;
    }
    if (isNew && mayBeTried) await dropVersion(storeDir, hash);
    return failures.get(hash)?.fault.message ?? 'It does not load.';
  };

  /** Who of those that were found has a name: the first one. */
  const claim = (hash: string, source: string, owners: Map<string, string>): string | null => {
    const name = descriptions.get(hash)?.name ?? '';
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, source);
    return owner === undefined ? null : `${source} has the name ${name}, which is that of ${owner} already.`;
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
    find,
    locate: (hash) =>
      (descriptions.has(hash) ? kept.get(hash) : undefined) ?? failures.get(hash) ?? { fault: missing(hash) },

    async open() {
      const listed = await listVersions(storeDir);
      for (const hash of listed.spoiled) await dropVersion(storeDir, hash);
      spoiled = listed.spoiled.map((hash) => ({ source: join(storeDir, hash), message: CORRUPT }));
      for (const version of listed.kept) {
        kept.set(version.hash, version);
        await tryVersion(version);
      }
    },

    async scan() {
      const before = JSON.stringify([versionsNow(), problems]);
      const found = [...spoiled];
      const seen = new Set<string>();
      const current = new Set<string>();
      const owners = new Map<string, string>();
      for (const one of await findModules(sources)) {
        if ('problem' in one) {
          found.push({ source: one.source, message: one.problem });
          continue;
        }
        const hash = hashFiles(one.files);
        seen.add(hash);
        const problem = (await problemOf(hash, one.files)) ?? claim(hash, one.source, owners);
        if (problem === null) current.add(hash);
        else found.push({ source: one.source, message: problem });
      }
      for (const version of kept.values()) {
        if (seen.has(version.hash) || (await tryVersion(version))) continue;
        found.push({ source: join(storeDir, version.hash), message: failures.get(version.hash)?.fault.message ?? '' });
      }
      for (const hash of failures.keys()) if (!seen.has(hash) && !kept.has(hash)) failures.delete(hash);
      currentHashes = current;
      problems = found;
      return JSON.stringify([versionsNow(), problems]) !== before;
    },
  };
}

/** By name, current ones first, and always in the same order. Names have nothing that sorts before a space. */
function rank({ name, isCurrent, hash }: ModuleVersion): string {
  return `${name} ${isCurrent ? 0 : 1} ${hash}`;
}

function missing(hash: string): Fault {
  return faultOf('MISSING', `This node has no version ${hash.slice(0, 12)}… of any module.`);
}
