import type { Core } from '../../store/core.ts';

/** How many webhooks are read at a time. The rest is read by the next poll. */
const BATCH = 200;

/** Nothing is sent for a disabled account. */
const withActiveOwner = { OR: [{ accountId: null }, { account: { disabledAt: null } }] };

/** Returns the webhooks that are due, longest overdue first. A suspect failed lately or is slow. */
export async function readDueWebhooks({
  prisma,
  clock,
}: Core): Promise<readonly { readonly id: string; readonly isSuspect: boolean }[]> {
  const rows = await prisma.webhook.findMany({
    where: { state: 'ACTIVE', dueAt: { lte: clock.now() }, ...withActiveOwner },
    orderBy: { dueAt: 'asc' },
    take: BATCH,
    select: { id: true, failuresInRow: true, isSlow: true },
  });
  return rows.map(({ id, failuresInRow, isSlow }) => ({ id, isSuspect: failuresInRow > 0 || isSlow }));
}

/**
 * Returns the idle webhooks whose cursors are behind a position, furthest behind first: a run moves their cursors
 * forward.
 */
export async function readLaggingWebhooks({ prisma }: Core, position: bigint): Promise<readonly string[]> {
  const rows = await prisma.webhook.findMany({
    where: { state: 'ACTIVE', dueAt: null, position: { lt: position }, ...withActiveOwner },
    orderBy: { position: 'asc' },
    take: BATCH,
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}
