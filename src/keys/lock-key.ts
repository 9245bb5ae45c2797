import { Prisma } from '../../prisma/generated/client/client.ts';
import type { Transaction } from '../store/core.ts';
import { listColumns, reviveRow, toJsonObject } from '../store/json-rows.ts';
import type { KeyRow } from './key-row.ts';

/** The columns of a SELECT that read the verdicts, holds and labels of a key `k` as JSON. */
export const relationColumns = Prisma.sql`
  (SELECT ${toJsonObject('j', Prisma.JudgementScalarFieldEnum)}
   FROM "Judgement" j WHERE j."keyId" = k.id) AS judgement,
  (SELECT coalesce(jsonb_agg(${toJsonObject('h', Prisma.HoldScalarFieldEnum)} ORDER BY h.since, h.id), '[]')
   FROM "Hold" h WHERE h."keyId" = k.id) AS holds,
  (SELECT coalesce(jsonb_agg(${toJsonObject('l', Prisma.LabelScalarFieldEnum)} ORDER BY l.name), '[]')
   FROM "Label" l WHERE l."keyId" = k.id) AS labels`;

/**
 * Reads keys with their relations (`keyRowInclude`) in one statement, in the order of their ids. Prisma would send a
 * statement for each relation.
 */
export async function readKeys(tx: Transaction, ids: readonly string[]): Promise<KeyRow[]> {
  const rows = await tx.$queryRaw<KeyRow[]>`
    SELECT ${listColumns('k', Prisma.KeyScalarFieldEnum)},
      (SELECT ${toJsonObject('r', Prisma.RealmScalarFieldEnum)} || jsonb_build_object('freezes', (
         SELECT coalesce(jsonb_agg(${toJsonObject('f', Prisma.FreezeScalarFieldEnum)} ORDER BY f."from", f."to"), '[]')
         FROM "Freeze" f WHERE f."realmId" = r.id
       )) FROM "Realm" r WHERE r.id = k."realmId") AS realm,
      ${relationColumns},
      (SELECT coalesce(jsonb_agg(${toJsonObject('s', Prisma.SecretScalarFieldEnum)} ORDER BY s.generation), '[]')
       FROM "Secret" s WHERE s."keyId" = k.id) AS secrets
    FROM "Key" k WHERE k.id = ANY(${[...ids]}) ORDER BY k.id`;
  return rows.map((row) => ({
    ...row,
    ...reviveRelations(row),
    realm: { ...reviveRow(row.realm), freezes: row.realm.freezes.map(reviveRow) },
    secrets: row.secrets.map(reviveRow),
  }));
}

/** Returns a key with its relations; null: there is none. */
export async function readKey(tx: Transaction, id: string): Promise<KeyRow | null> {
  const [key] = await readKeys(tx, [id]);
  return key ?? null;
}

/**
 * Reads and locks a key until the transaction ends; null: there is none. Inserts of rows that only refer to the key,
 * such as events or children, do not wait for this lock (FOR NO KEY UPDATE), so that they cannot cause a deadlock. It is
 * read in a second statement, because a statement that waited for the lock sees other tables as they were before.
 */
export async function lockKey(tx: Transaction, id: string): Promise<KeyRow | null> {
  const ahead = takeLockedAhead(tx, id);
  if (ahead !== undefined) return ahead;
  const locked = await tx.$queryRaw<unknown[]>`SELECT 1 FROM "Key" WHERE id = ${id} FOR NO KEY UPDATE`;
  return locked.length === 0 ? null : readKey(tx, id);
}

const lockedAhead = new WeakMap<Transaction, Map<string, KeyRow>>();

/**
 * Reads and locks keys that the next steps of a change lock one by one (`lockKey`), in two statements for all of them.
 * A step must not change another key of these.
 */
export async function lockKeysAhead(tx: Transaction, ids: readonly string[]): Promise<void> {
  lockedAhead.set(tx, new Map((await lockKeys(tx, ids)).map((key) => [key.id, key])));
}

/** Returns a key that was locked ahead. Only once: the step that gets it may change it. */
function takeLockedAhead(tx: Transaction, id: string): KeyRow | undefined {
  const key = lockedAhead.get(tx)?.get(id);
  lockedAhead.get(tx)?.delete(id);
  return key;
}

/** Reads and locks several keys, in the order of their ids so that two callers cannot deadlock. */
export async function lockKeys(tx: Transaction, ids: readonly string[]): Promise<KeyRow[]> {
  await tx.$queryRaw`SELECT 1 FROM "Key" WHERE id = ANY(${[...ids]}) ORDER BY id FOR NO KEY UPDATE`;
  return readKeys(tx, ids);
}

type JsonRelations = Pick<KeyRow, 'judgement' | 'holds' | 'labels' | 'allowedAddresses'>;

/** Returns the relations that `relationColumns` read, with the types that Prisma returns. */
export function reviveRelations({ judgement, holds, labels, allowedAddresses }: JsonRelations) {
  return {
    // NULL, as Prisma reads it.
    allowedAddresses: allowedAddresses ?? [],
    judgement: judgement === null ? null : reviveRow(judgement),
    holds: holds.map(reviveRow),
    labels: labels.map(reviveRow),
  };
}
