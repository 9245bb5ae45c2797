import { findLastActors } from '../../log/key-history.ts';
import type { Transaction } from '../../store/core.ts';

/** Of these keys, those that renew themselves: whoever renewed or rotated them last was the key, that is, its automation. */
export async function findSelfRenewingKeys(
  client: Pick<Transaction, '$queryRaw'>,
  keyIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const actors = await findLastActors(client, keyIds, ['KEY_RENEWED', 'KEY_ROTATION_STARTED']);
  return new Set([...actors].flatMap(([keyId, kind]) => (kind === 'KEY' ? [keyId] : [])));
}
