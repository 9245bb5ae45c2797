import type { Client } from '../../client/client.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { KeyFacts } from './key-facts.ts';
import { listKeys } from './list-keys.ts';

/** How many keys whose name holds the one that is looked for are looked through. */
const LOOKED_THROUGH = 1_000;

/** In characters; the gateway's. */
const LONGEST_NAME = 100;

/**
 * The id of the key that is meant: by its id, or by its name where one key alone that lives has it.
 *
 * @throws CommandError DATA when none has it, or several have.
 */
export async function findKey(client: Client, named: string): Promise<string> {
  if (/^key_[0-9a-z]{26}$/.test(named)) return named;
  if (named.startsWith('kt_')) {
    throw new CommandError(
      exitStatus.USAGE,
      'That is a secret, and others may have seen it: name the key by id or name.',
    );
  }
  if (Array.from(named).length > LONGEST_NAME) {
    throw new CommandError(
      exitStatus.USAGE,
      `That is no id and no name of a key: names have at most ${LONGEST_NAME} characters.`,
    );
  }
  const found = await listKeys(client, { search: named }, { most: LOOKED_THROUGH });
  const exact = found.filter(({ name }) => name === named);
  const living = exact.filter(({ state }) => state !== 'REVOKED');
  const chosen = living.length > 0 ? living : exact;
  if (chosen.length === 1 && chosen[0] !== undefined) return chosen[0].id;
  throw new CommandError(exitStatus.DATA, chosen.length === 0 ? none(named) : several(named, chosen));
}

function none(named: string): string {
  return `No key that you can see has the id or name ${JSON.stringify(named)}: keytide list shows them.`;
}

function several(named: string, keys: readonly KeyFacts[]): string {
  const ids = keys.slice(0, 5).map(({ id, realm }) => `${id} in ${realm}`);
  return `${keys.length} keys have the name ${JSON.stringify(named)}: name one by its id (${ids.join(', ')}).`;
}
