import type { Client } from '../../client/client.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { KeyJson } from './key-json.ts';
import { listKeys } from './list-keys.ts';

/** How many keys whose name holds the one that is looked for are looked through. */
const SEARCHED_KEYS_MAX = 1_000;

/** In characters; the gateway's. */
const NAME_LENGTH_MAX = 100;

/**
 * The id of the key that is meant: by its id, or by its name where one key alone that lives has it.
 *
 * @throws CommandError DATA when none has it, or several have.
 */
export async function resolveKeyId(client: Client, named: string): Promise<string> {
  if (/^key_[0-9a-z]{26}$/.test(named)) return named;
  if (named.startsWith('kt_')) {
    throw new CommandError(
      exitStatus.USAGE,
      'That is a secret, and others may have seen it: name the key by id or name.',
    );
  }
  if (Array.from(named).length > NAME_LENGTH_MAX) {
    throw new CommandError(
      exitStatus.USAGE,
      `That is no id and no name of a key: names have at most ${NAME_LENGTH_MAX} characters.`,
    );
  }
  const found = await listKeys(client, { search: named }, { most: SEARCHED_KEYS_MAX });
  const exact = found.filter(({ name }) => name === named);
  const living = exact.filter(({ state }) => state !== 'REVOKED');
  const chosen = living.length > 0 ? living : exact;
  if (chosen.length === 1 && chosen[0] !== undefined) return chosen[0].id;
  throw new CommandError(
    exitStatus.DATA,
    chosen.length === 0 ? describeNoMatch(named) : describeMatches(named, chosen),
  );
}

function describeNoMatch(named: string): string {
  return `No key that you can see has the id or name ${JSON.stringify(named)}: keytide list shows them.`;
}

function describeMatches(named: string, keys: readonly KeyJson[]): string {
  const ids = keys.slice(0, 5).map(({ id, realm }) => `${id} in ${realm}`);
  return `${keys.length} keys have the name ${JSON.stringify(named)}: name one by its id (${ids.join(', ')}).`;
}
