import type { Core } from '../store/core.ts';

/** How many owners a dry run lists. */
const OWNERS_MAX = 100;

/** How many of the keys of a dry run an owner has. */
export interface OwnerCount {
  readonly ownerId: string;
  readonly keyCount: number;
}

/** Counts the keys of a dry run by their present owner, most keys first. */
export function countByOwner(prisma: Core['prisma'], previewId: string): Promise<OwnerCount[]> {
  return prisma.$queryRaw<OwnerCount[]>`
    SELECT coalesce(k."accountId", k."organizationId", k."subjectId") AS "ownerId", count(*)::int AS "keyCount"
    FROM "Key" k JOIN (SELECT unnest("keyIds") AS id FROM "ChangePreview" WHERE id = ${previewId}) p ON p.id = k.id
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${OWNERS_MAX}`;
}
