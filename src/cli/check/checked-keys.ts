import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../../client/client.ts';
import { DAY_MS } from '../../domain/duration.ts';
import { makeFolder, type Folders } from '../folders.ts';
import type { KeyJson } from '../key-list/key-json.ts';
import { listKeys, type KeyListFilter } from '../key-list/list-keys.ts';
import { readTextFile, writeFileAtomically } from '../places/atomic-file.ts';

/** What a check has to know of a key, and since when it is known. */
export interface CheckedKey extends Pick<KeyJson, 'id' | 'name' | 'state' | 'stopsAt' | 'stopsBasis'> {
  /** When a gateway said so, by this machine's clock. */
  readonly askedAt: string;
}

/** What is checked: at which gateway, as whom, and which keys. */
export interface CheckScope {
  readonly url: string;
  readonly as: string;
  readonly filter: KeyListFilter;
}

/** How long a key that has expired is told of. */
const EXPIRED_REPORTED_MS = 7 * DAY_MS;

/**
 * Asks for the keys that stop by themselves within a time, those that are held, and those that expired within a week. Not for those
 * of jobs: they end within minutes, as they are meant to. Throws ClientError as `ask` does.
 */
export async function fetchKeysToCheck(
  client: Client,
  filter: KeyListFilter,
  withinMs: number,
  now: Date,
): Promise<CheckedKey[]> {
  const at = (ms: number) => new Date(now.getTime() + ms).toISOString();
  const asked = { ...filter, exchanged: false };
  const found = [
    await listKeys(client, { ...asked, states: ['ACTIVE'], stopsBefore: at(withinMs) }),
    await listKeys(client, { ...asked, states: ['HELD'] }),
    await listKeys(client, { ...asked, states: ['EXPIRED'], stopsAfter: at(-EXPIRED_REPORTED_MS) }),
  ].flat();
  const askedAt = now.toISOString();
  return found.map(({ id, name, state, stopsAt, stopsBasis }) => ({ id, name, state, stopsAt, stopsBasis, askedAt }));
}

/** Keeps what was found, for when the gateway is away; `withinMs` is how far ahead it was looked. */
export async function writeLastCheck(
  folders: Folders,
  checked: CheckScope,
  keys: readonly CheckedKey[],
  { withinMs, askedAt }: { readonly withinMs: number; readonly askedAt: Date },
): Promise<void> {
  await makeFolder(folders.state);
  const kept = { ...checked, withinMs, askedAt: askedAt.toISOString(), keys };
  await writeFileAtomically(lastCheckFile(folders), `${JSON.stringify(kept)}\n`);
}

/** What was found when it was last asked, and when; null: nothing that tells of the same. */
export async function readLastCheck(
  folders: Folders,
  checked: CheckScope,
): Promise<{ readonly keys: readonly CheckedKey[]; readonly askedAt: Date; readonly withinMs: number } | null> {
  const kept = await readJson(lastCheckFile(folders));
  if (kept === null || !Array.isArray(kept['keys'])) return null;
  const { url, as, filter, keys, askedAt, withinMs } = kept;
  if (JSON.stringify({ url, as, filter }) !== JSON.stringify(checked)) return null;
  return { keys: keys as CheckedKey[], askedAt: new Date(String(askedAt)), withinMs: Number(withinMs) };
}

/** The keys that are kept on this machine (`keytide keep`), as their gateways last told of them. */
export async function listLastKnownKeys({ state }: Folders): Promise<CheckedKey[]> {
  const folder = join(state, 'known');
  const files = await readdir(folder).catch(() => []);
  const keys: CheckedKey[] = [];
  for (const file of files.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort()) {
    const known = await readJson(join(folder, file));
    if (known === null || typeof known['keyId'] !== 'string' || typeof known['askedAt'] !== 'string') continue;
    const { keyId: id, askedAt, stopsAt = null, stopsBasis = null } = known;
    keys.push({
      id,
      name: file.slice(0, -'.json'.length),
      state: 'ACTIVE',
      stopsAt,
      stopsBasis,
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
