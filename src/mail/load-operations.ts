import type { Core } from '../store/core.ts';

/** How many keys of one owner a mail names. */
const KEYS_NAMED_MAX = 10;

/** What an operation changed for one owner, as a mail describes it. Names are unescaped, as people entered them. */
export interface OwnerChange {
  /** What it did to each key, such as HOLD. */
  readonly kind: string;
  readonly isUndo: boolean;
  readonly ownerName: string;
  readonly realmName: string;
  readonly actorName: string;
  readonly reason: string;
  readonly at: Date;
  /** Whether the owner got the keys by a TRANSFER. */
  readonly isNewOwner: boolean;
  readonly keyCount: number;
  /** The first keys, by name. */
  readonly keys: readonly { readonly name: string }[];
}

/** Loads what operations changed that a digest is about, the earliest end first. */
export function loadOperations({ prisma }: Pick<Core, 'prisma'>, digestId: string): Promise<readonly OwnerChange[]> {
  return prisma.$queryRaw<OwnerChange[]>`
    SELECT o.kind, m."isUndo", coalesce(a.name, g.name, '') AS "ownerName", r.name AS "realmName", actor.name AS "actorName",
           o.reason, coalesce(o."endedAt", m."addedAt") AS at, m."isNewOwner", c.count AS "keyCount", c.keys
    FROM (
      SELECT m.*, o.kind = 'TRANSFER' AND o.change ->> 'owner' = m."ownerId" AS "isNewOwner"
      FROM "OperationMail" m JOIN "Operation" o ON o.id = m."operationId" WHERE m."digestId" = ${digestId}
    ) m
      JOIN "Operation" o ON o.id = m."operationId" JOIN "Realm" r ON r.id = o."realmId"
      JOIN "Account" actor ON actor.id = o."actingId"
      LEFT JOIN "Account" a ON a.id = m."ownerId" LEFT JOIN "Organization" g ON g.id = m."ownerId",
      LATERAL (
        SELECT count(*)::int AS count, coalesce(jsonb_agg(jsonb_build_object('name', name) ORDER BY "keyId")
                 FILTER (WHERE place <= ${KEYS_NAMED_MAX}), '[]') AS keys
        FROM (
          SELECT ok."keyId", k.name, row_number() OVER (ORDER BY ok."keyId") AS place
          FROM "OperationKey" ok JOIN "Key" k ON k.id = ok."keyId"
          WHERE ok."operationId" = o.id AND (m."isNewOwner" OR ok."ownerId" = m."ownerId")
            AND ok.state = ANY(CASE WHEN m."isUndo" THEN ARRAY['UNDONE'] ELSE ARRAY['DONE', 'UNDONE', 'UNDO_FAILED'] END::"OperationKeyState"[])
        ) changed
      ) c
    ORDER BY 7, o.id, m."ownerId"`;
}
