import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { openLogin } from '../login/open-login.ts';
import { resolveKeyId } from './resolve-key-id.ts';

/**
 * What a query for `$id` selects of the key that is meant, by its id or its name, as whoever is logged in sees it.
 *
 * @throws CommandError DATA when there is none; ClientError as `ask` does.
 */
export async function fetchKey<Key>(context: CommandContext, named: string, query: string): Promise<Key> {
  const { client } = await openLogin(context);
  const id = await resolveKeyId(client, named);
  const { key } = await client.ask<{ readonly key: Key | null }>({ query, variables: { id } });
  if (key === null) throw new CommandError(exitStatus.DATA, `There is no key ${id} that you can see.`);
  return key;
}
