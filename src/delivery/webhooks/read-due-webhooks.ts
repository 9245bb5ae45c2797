import type { Core } from '../../store/core.ts';

/** How many are read at a time; what is left is there when the next is looked for. */
const BATCH = 200;

/** Nothing is sent for an account that is closed. */
const withActiveOwner = { OR: [{ accountId: null }, { account: { disabledAt: null } }] };

/** The webhooks that somebody has to look at by now; those first that wait for longest. */
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

/** The webhooks whose cursor is furthest behind a position, although nothing is due: a look at them brings it forward. */
export async function readLaggingWebhooks({ prisma }: Core, position: bigint): Promise<readonly string[]> {
  const rows = await prisma.webhook.findMany({
    where: { state: 'ACTIVE', dueAt: null, position: { lt: position }, ...withActiveOwner },
    orderBy: { position: 'asc' },
    take: BATCH,
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}
