import type { ClientBase } from 'pg';
import type { Store } from './prisma.ts';
import { RefusedServerError } from './server-facts.ts';
import type { Sealer } from './sealing.ts';
import { SealingKeyError } from './sealing-key.ts';

/**
 * Returns the ids of the sealing keys under which the database's signing keys and webhook secrets were sealed, in
 * hexadecimal. Idempotency records do not count: they expire, and most hold nothing that was sealed.
 */
export async function findSealedKeyIds({ prisma }: Pick<Store, 'prisma'>): Promise<string[]> {
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT encode(substring(sealed FROM 2 FOR 4), 'hex') AS id
    FROM (SELECT "sealedPrivate" AS sealed FROM "SigningKey" UNION ALL SELECT "sealedSecret" FROM "WebhookSecret") AS s
    ORDER BY 1`;
  return rows.map(({ id }) => id);
}

/**
 * Throws a RefusedServerError if the keys that sign sessions were sealed under another key than the sealer's: the database
 * was replaced, or restored with what another key sealed.
 */
export async function checkSignedUnder(client: Pick<ClientBase, 'query'>, { keyId }: Sealer): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT encode(substring("sealedPrivate" FROM 2 FOR 4), 'hex') AS id FROM "SigningKey"`,
  );
  const other = rows.find(({ id }) => id !== keyId);
  if (other === undefined) return;
  throw new RefusedServerError(
    `Database: found what was sealed under the key with id ${other.id}; expected the sealing key of this node (${keyId}): restart the nodes with the right key.`,
  );
}

/** Throws a SealingKeyError if one of the ids is not the id of the sealer's key. */
export function checkSealed({ keyId }: Sealer, sealedKeyIds: readonly string[]): void {
  const others = sealedKeyIds.filter((id) => id !== keyId);
  if (others.length === 0) return;
  throw new SealingKeyError(
    `Sealing key: found the key with id ${keyId}; the database holds what was sealed under the key with id ${others.join(', ')}. ` +
      'Start with that key (KEYTIDE_SEALING_KEY, or the file sealing-key in the data folder); if it is lost, run: keytide reseal',
  );
}
