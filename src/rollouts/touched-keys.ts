import type { Prisma, Rollout } from '../../prisma/generated/client/client.ts';
import { selects, type Selector } from '../domain/selector.ts';
import { liveKeys } from '../keys/live-keys.ts';
import { readSelector } from '../policies/revisions.ts';
import type { Json } from '../domain/event.ts';
import type { Core } from '../store/core.ts';

/** How many keys of an owner are read to find one that a rollout touches. */
const SCANNED_MAX = 1_000;

type Reader = Pick<Core['prisma'], 'key'>;

/** Returns a filter for the keys of an account, an organization or a subject. */
export function keysOfOwner(ownerId: string): Prisma.KeyWhereInput {
  return { OR: [{ accountId: ownerId }, { organizationId: ownerId }, { subjectId: ownerId }] };
}

/**
 * Returns the keys of an owner that a rollout touches: those in its realm that have not ended, and that the revision before or the new
 * one selects. At most 1,000 keys are read.
 */
export async function findTouchedKeys(
  prisma: Reader,
  rollout: Pick<Rollout, 'realmId' | 'before' | 'after'>,
  where: Prisma.KeyWhereInput,
  now: Date,
): Promise<readonly { readonly id: string; readonly ownerId: string }[]> {
  const selectors = selectorsOf(rollout);
  const keys = await prisma.key.findMany({
    where: { AND: [{ realmId: rollout.realmId }, where, liveKeys(now)] },
    select: {
      id: true,
      createdAt: true,
      accountId: true,
      organizationId: true,
      subjectId: true,
      labels: { select: { name: true, value: true }, where: { name: { startsWith: 'policy/' } } },
    },
    orderBy: { id: 'asc' },
    take: SCANNED_MAX,
  });
  return keys.flatMap(({ id, createdAt, accountId, organizationId, subjectId, labels }) => {
    const ownerId = accountId ?? organizationId ?? subjectId ?? '';
    const key = { id, ownerId, createdAt, labels };
    return selectors.some((selector) => selects(selector, key)) ? [{ id, ownerId }] : [];
  });
}

/** Returns the selectors of the revisions that a rollout is between; null selects every key. */
function selectorsOf({ before, after }: Pick<Rollout, 'before' | 'after'>): readonly (Selector | null)[] {
  return [before, after].flatMap((revision) => {
    if (revision === null) return [];
    return [readSelector((revision as { readonly selector?: Json }).selector ?? null)];
  });
}
