import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { openLogin } from '../login/open-login.ts';
import { resolveKeyId } from './resolve-key-id.ts';

/**
 * Runs a query with the variable `$id` for a key, given by id or name, with the current login.
 *
 * @throws CommandError DATA if the key does not exist; ClientError as `Client.ask` does.
 */
export async function fetchKey<Key>(context: CommandContext, idOrName: string, query: string): Promise<Key> {
  const { client } = await openLogin(context);
  const id = await resolveKeyId(client, idOrName);
  const { key } = await client.ask<{ readonly key: Key | null }>({ query, variables: { id } });
  if (key === null) throw new CommandError(exitStatus.DATA, `No key ${id} exists, or you may not see it.`);
  return key;
}
