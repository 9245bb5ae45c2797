import type { Core } from '../store/core.ts';
import { findLastActors } from '../log/key-history.ts';

/** How many keys one call fills. */
const BATCH = 1_000;

/**
 * Stores whether the next keys of the release before renew themselves, from the log. A key that is locked, or that was renewed
 * meanwhile, is left as it is. Returns the id of the last of them; null: there are no more.
 */
export async function fillSelfRenewing({ prisma }: Core, after: string): Promise<string | null> {
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Key" WHERE "isSelfRenewing" IS NULL AND id > ${after} ORDER BY id LIMIT ${BATCH}`;
  const last = rows.at(-1);
  if (last === undefined) return null;
  const ids = rows.map(({ id }) => id);
  const actors = await findLastActors(prisma, ids, ['KEY_RENEWED', 'KEY_ROTATION_STARTED']);
  const selfRenewing = ids.filter((id) => actors.get(id) === 'KEY');
  await prisma.$executeRaw`
    UPDATE "Key" SET "isSelfRenewing" = id = ANY(${selfRenewing}) WHERE id IN (
      SELECT id FROM "Key" WHERE id = ANY(${ids}) AND "isSelfRenewing" IS NULL FOR NO KEY UPDATE SKIP LOCKED)`;
  return last.id;
}
