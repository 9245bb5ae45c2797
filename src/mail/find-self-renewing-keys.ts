import { findLastActors } from '../log/key-history.ts';
import type { Transaction } from '../store/core.ts';

/**
 * Returns which of these keys renew themselves: the actor of the last renewal or rotation was the key, not a person.
 */
export async function findSelfRenewingKeys(
  client: Pick<Transaction, '$queryRaw'>,
  keyIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const actors = await findLastActors(client, keyIds, ['KEY_RENEWED', 'KEY_ROTATION_STARTED']);
  return new Set([...actors].flatMap(([keyId, kind]) => (kind === 'KEY' ? [keyId] : [])));
}
