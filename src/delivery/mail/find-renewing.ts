import type { Transaction } from '../../store/core.ts';

/** Of these keys, those that renew themselves: whoever renewed or rotated them last was the key, that is, its automation. */
export async function findRenewing(
  client: Pick<Transaction, '$queryRaw'>,
  keyIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await client.$queryRaw<{ keyId: string; actorKind: string }[]>`
    SELECT DISTINCT ON ("keyId") "keyId", "actorKind" FROM "Event"
    WHERE "keyId" = ANY(${[...keyIds]}) AND type IN ('KEY_RENEWED', 'KEY_ROTATION_STARTED')
    ORDER BY "keyId", position DESC`;
  return new Set(rows.filter(({ actorKind }) => actorKind === 'KEY').map(({ keyId }) => keyId));
}
