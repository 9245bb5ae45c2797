import type { Client } from '../../client/client.ts';
import { containsSecret } from '../../domain/secret.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { KeyJson } from './key-json.ts';
import { listKeys } from './list-keys.ts';

/** The most keys that are searched. Their names contain the given name. */
const SEARCHED_KEYS_MAX = 1_000;

/** The gateway's limit for names, in characters. */
const NAME_LENGTH_MAX = 100;

/**
 * Returns the id of a key that is given by id or by name. A name must be unique among the keys that are not revoked or,
 * if there are none, among the revoked ones.
 *
 * @throws CommandError USAGE if the text is a secret or longer than a name, DATA if no key or several keys have the
 *   name.
 */
export async function resolveKeyId(client: Client, idOrName: string): Promise<string> {
  if (/^key_[0-9a-z]{26}$/.test(idOrName)) return idOrName;
  if (idOrName.startsWith('kt_') || containsSecret(idOrName)) {
    throw new CommandError(
      exitStatus.USAGE,
      'Found a secret; expected the id or name of a key. Others may have seen this secret.',
    );
  }
  if (Array.from(idOrName).length > NAME_LENGTH_MAX) {
    throw new CommandError(
      exitStatus.USAGE,
      `Id or name of a key: found more than ${NAME_LENGTH_MAX} characters; expected at most ${NAME_LENGTH_MAX}.`,
    );
  }
  const results = await listKeys(client, { search: idOrName }, { most: SEARCHED_KEYS_MAX });
  const exactMatches = results.filter(({ name }) => name === idOrName);
  const unrevoked = exactMatches.filter(({ state }) => state !== 'REVOKED');
  const candidates = unrevoked.length > 0 ? unrevoked : exactMatches;
  if (candidates.length === 1 && candidates[0] !== undefined) return candidates[0].id;
  throw new CommandError(
    exitStatus.DATA,
    candidates.length === 0 ? describeNoMatch(idOrName) : describeMatches(idOrName, candidates),
  );
}

function describeNoMatch(idOrName: string): string {
  return `No key that you may see has the id or name ${JSON.stringify(idOrName)}: keytide list shows your keys.`;
}

function describeMatches(idOrName: string, keys: readonly KeyJson[]): string {
  const ids = keys.slice(0, 5).map(({ id, realm }) => `${id} in ${realm}`);
  return `${keys.length} keys have the name ${JSON.stringify(idOrName)}: give an id (${ids.join(', ')}).`;
}
