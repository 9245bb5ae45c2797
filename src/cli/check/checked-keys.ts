import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../../client/client.ts';
import { DAY_MS } from '../../domain/duration.ts';
import { makeFolder, type Folders } from '../folders.ts';
import type { KeyJson } from '../key-list/key-json.ts';
import { listKeys, type KeyListFilter } from '../key-list/list-keys.ts';
import { findRenewalProblems } from '../renewal/find-renewal-problems.ts';
import { readTextFile, writeFileAtomically } from '../deployers/files/atomic-file.ts';

/** The state of a key that a check evaluates. */
export interface CheckedKey extends Pick<KeyJson, 'id' | 'name' | 'state' | 'stopsAt' | 'stopsBasis'> {
  /** When the gateway reported this state, by this machine's clock. */
  readonly askedAt: string;
  /** Announced changes that will stop the key. Missing: there are none. */
  readonly warnings?: KeyJson['warnings'];
  /** What is wrong with the renewal of a key that is registered on this machine. */
  readonly renewalProblem?: string;
}

/** What a check covers: the gateway, the caller's id and the filter. Stored states are used only for the same scope. */
export interface CheckScope {
  readonly url: string;
  readonly as: string;
  readonly filter: KeyListFilter;
}

/** How long an expired key is reported. */
const EXPIRED_REPORTED_MS = 7 * DAY_MS;

/**
 * Fetches the keys that stop by themselves within a time, the held keys, and the keys that expired within the last
 * week. Leaves out keys that were issued in exchange for tokens of CI jobs, because such keys end within minutes. Throws
 * ClientError as `Client.ask` does.
 */
export async function fetchKeysToCheck(
  client: Client,
  filter: KeyListFilter,
  withinMs: number,
  now: Date,
): Promise<CheckedKey[]> {
  const instantAt = (ms: number) => new Date(now.getTime() + ms).toISOString();
  const baseFilter = { ...filter, exchanged: false };
  const keys = [
    await listKeys(client, { ...baseFilter, states: ['ACTIVE'], stopsBefore: instantAt(withinMs) }),
    await listKeys(client, { ...baseFilter, states: ['HELD'] }),
    await listKeys(client, { ...baseFilter, states: ['EXPIRED'], stopsAfter: instantAt(-EXPIRED_REPORTED_MS) }),
  ].flat();
  const askedAt = now.toISOString();
  return keys.map(({ id, name, state, stopsAt, stopsBasis, warnings }) => {
    return { id, name, state, stopsAt, stopsBasis, ...(warnings.length > 0 && { warnings }), askedAt };
  });
}

/** Stores the result for when the gateway is unavailable; `withinMs` is the period that the list covers. */
export async function writeLastCheck(
  folders: Folders,
  scope: CheckScope,
  keys: readonly CheckedKey[],
  { withinMs, askedAt }: { readonly withinMs: number; readonly askedAt: Date },
): Promise<void> {
  await makeFolder(folders.state);
  const stored = { ...scope, withinMs, askedAt: askedAt.toISOString(), keys };
  await writeFileAtomically(lastCheckFile(folders), `${JSON.stringify(stored)}\n`);
}

/** Reads the result of the last check; null: there is none of the same scope. */
export async function readLastCheck(
  folders: Folders,
  scope: CheckScope,
): Promise<{ readonly keys: readonly CheckedKey[]; readonly askedAt: Date; readonly withinMs: number } | null> {
  const stored = await readJson(lastCheckFile(folders));
  if (stored === null || !Array.isArray(stored['keys'])) return null;
  const { url, as, filter, keys, askedAt, withinMs } = stored;
  if (JSON.stringify({ url, as, filter }) !== JSON.stringify(scope)) return null;
  return { keys: keys as CheckedKey[], askedAt: new Date(String(askedAt)), withinMs: Number(withinMs) };
}

/** Lists the registered keys of this machine (`keytide keep`), in their last known state. */
export async function listLastKnownKeys(folders: Folders, now: Date): Promise<CheckedKey[]> {
  const folder = join(folders.state, 'known');
  const files = await readdir(folder).catch(() => []);
  const keys: CheckedKey[] = [];
  for (const file of files.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort()) {
    const lastKnown = await readJson(join(folder, file));
    if (lastKnown === null || typeof lastKnown['keyId'] !== 'string' || typeof lastKnown['askedAt'] !== 'string')
      continue;
    const { keyId: id, askedAt, stopsAt = null, stopsBasis = null, warnings } = lastKnown;
    const name = file.slice(0, -'.json'.length);
    const problems = (await findRenewalProblems(folders, name, now)).filter(({ status }) => status !== null);
    keys.push({
      id,
      name,
      ...(problems.length > 0 && { renewalProblem: problems.map(({ message }) => message).join(' ') }),
      state: 'ACTIVE',
      stopsAt,
      stopsBasis,
      ...(Array.isArray(warnings) && { warnings }),
      askedAt,
    } as CheckedKey);
  }
  return keys;
}

async function readJson(path: string): Promise<Record<string, unknown> | null> {
  try {
    return JSON.parse((await readTextFile(path)) ?? 'null') as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

function lastCheckFile({ state }: Folders): string {
  return join(state, 'last-checked.json');
}
