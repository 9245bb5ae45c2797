import { Prisma } from '../../prisma/generated/client/client.ts';
import type { ConsumerUse } from '../domain/rotation.ts';
import { loadOnce } from '../store/load-once.ts';
import type { Transaction } from '../store/core.ts';
import { listColumns, reviveRow, toJsonObject } from '../store/json-rows.ts';
import { relationColumns, reviveRelations } from './lock-key.ts';
import type { KeyRow } from './key-row.ts';

type Realm = Prisma.RealmGetPayload<{ include: { freezes: true; bindings: true } }>;

/** A use of a secret, as far as a review reads it. */
interface ReviewedUse extends ConsumerUse {
  readonly firstUsedAt: Date | null;
}

/** A key as a review reads it. */
export interface KeyForReview extends Omit<KeyRow, 'realm' | 'secrets'> {
  /** With all bindings, also those that were removed. */
  readonly realm: Realm;
  /** Only the uses of the current secret and of the one that retires last are read. */
  readonly secrets: (KeyRow['secrets'][number] & { readonly uses: readonly ReviewedUse[] })[];
  readonly waitingStop: { readonly keyId: string } | null;
  /** The notices of the present stop. */
  readonly notices: readonly Prisma.NoticeGetPayload<object>[];
  /** Differs after any change of the rows that were read: the transactions that wrote them last. */
  readonly version: string;
}

/** The versions of all rows that a review reads of a key `k`, as one text: each transaction gives its rows its own number. */
const versionColumn = Prisma.sql`
  concat_ws(' ', k.xmin, (SELECT j.xmin FROM "Judgement" j WHERE j."keyId" = k.id),
    'h', (SELECT string_agg(h.xmin::text, ' ' ORDER BY h.id) FROM "Hold" h WHERE h."keyId" = k.id),
    'l', (SELECT string_agg(l.xmin::text, ' ' ORDER BY l.name) FROM "Label" l WHERE l."keyId" = k.id),
    'w', (SELECT w.xmin FROM "WaitingStop" w WHERE w."keyId" = k.id),
    'n', (SELECT string_agg(n.xmin::text, ' ' ORDER BY n."thresholdMs")
          FROM "Notice" n WHERE n."keyId" = k.id AND n."stopsAt" = k."stopsAt"),
    's', (SELECT string_agg(s.xmin::text, ' ' ORDER BY s.generation) FROM "Secret" s WHERE s."keyId" = k.id),
    'u', (SELECT string_agg(u.xmin::text, ' ' ORDER BY u."secretId", u.consumer)
          FROM "Use" u JOIN "Secret" s ON s.id = u."secretId" WHERE s."keyId" = k.id)) AS version`;

/** Reads keys for a review, the ones that are due for longest first: their rows in one statement, and their realms. */
export async function readKeysForReview(tx: Transaction, ids: readonly string[]): Promise<KeyForReview[]> {
  const rows = await tx.$queryRaw<Omit<KeyForReview, 'realm'>[]>`
    SELECT ${listColumns('k', Prisma.KeyScalarFieldEnum)}, ${relationColumns}, ${versionColumn},
      (SELECT jsonb_build_object('keyId', w."keyId") FROM "WaitingStop" w WHERE w."keyId" = k.id) AS "waitingStop",
      (SELECT coalesce(jsonb_agg(${toJsonObject('n', Prisma.NoticeScalarFieldEnum)} ORDER BY n."thresholdMs"), '[]')
       FROM "Notice" n WHERE n."keyId" = k.id AND n."stopsAt" = k."stopsAt") AS notices,
      (SELECT coalesce(jsonb_agg(${toJsonObject('s', Prisma.SecretScalarFieldEnum)} || jsonb_build_object('uses', CASE
         WHEN s."retiresAt" IS NULL OR s."retiresAt" = (
           SELECT max(o."retiresAt") FROM "Secret" o WHERE o."keyId" = k.id
         ) THEN (
           SELECT coalesce(jsonb_agg(jsonb_build_object(
             'consumer', u.consumer, 'firstUsedAt', u."firstUsedAt", 'lastUsedAt', u."lastUsedAt"
           ) ORDER BY u.consumer), '[]') FROM "Use" u WHERE u."secretId" = s.id
         ) ELSE '[]' END) ORDER BY s.generation), '[]')
       FROM "Secret" s WHERE s."keyId" = k.id) AS secrets
    FROM "Key" k WHERE k.id = ANY(${[...ids]}) ORDER BY k."reviewAt", k.id`;
  const realms = await readRealms(tx, [...new Set(rows.map(({ realmId }) => realmId))].toSorted());
  return rows.map((row) => ({
    ...row,
    ...reviveRelations(row),
    realm: realms.get(row.realmId) as Realm,
    secrets: row.secrets.map(({ uses, ...secret }) => ({ ...reviveRow(secret), uses: uses.map(reviveRow) })),
    notices: row.notices.map(reviveRow),
  }));
}

/**
 * Returns those of some keys that have not changed since they were read, with their realms as they are now. What was read is
 * not read again.
 */
export async function withoutChanged(tx: Transaction, keys: readonly KeyForReview[]): Promise<KeyForReview[]> {
  const rows = await tx.$queryRaw<{ id: string; version: string }[]>`
    SELECT k.id, ${versionColumn} FROM "Key" k WHERE k.id = ANY(${keys.map(({ id }) => id)})`;
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  const same = keys.filter(({ id, version }) => versions.get(id) === version);
  const realms = await readRealms(tx, [...new Set(same.map(({ realmId }) => realmId))].toSorted());
  return same.map((key) => ({ ...key, realm: realms.get(key.realmId) as Realm }));
}

function readRealms(tx: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, Realm>> {
  return loadOnce(tx, `reviewed realms ${ids.join()}`, async () => {
    const realms = await tx.realm.findMany({
      where: { id: { in: [...ids] } },
      include: { freezes: true, bindings: true },
    });
    return new Map(realms.map((realm) => [realm.id, realm]));
  });
}
