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

/** Counts the keys of a dry run. 0: its row has been deleted, a day after its confirmation expired. */
export async function countPreviewedKeys(prisma: Core['prisma'], previewId: string): Promise<number> {
  const [counted] = await prisma.$queryRaw<{ count: number }[]>`
    SELECT cardinality("keyIds") AS count FROM "ChangePreview" WHERE id = ${previewId}`;
  return counted?.count ?? 0;
}

/** Lists at most `limit` ids of the keys of a dry run, sorted, those after an id. */
export async function listPreviewedIds(
  prisma: Core['prisma'],
  previewId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<string[]> {
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    SELECT k AS id FROM "ChangePreview" p, unnest(p."keyIds") AS k
    WHERE p.id = ${previewId} AND k COLLATE "C" > ${after ?? ''} ORDER BY k COLLATE "C" LIMIT ${limit}`;
  return rows.map(({ id }) => id);
}
