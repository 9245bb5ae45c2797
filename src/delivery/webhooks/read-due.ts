import type { Core } from '../../store/core.ts';

/** How many are read at a time; what is left is there when the next is looked for. */
const MOST_DUE = 200;

/** Nothing is sent for an account that is closed. */
const ofSomebody = { OR: [{ accountId: null }, { account: { disabledAt: null } }] };

/** The webhooks that somebody has to look at by now; those first that wait for longest. */
export async function readDue({
  prisma,
  clock,
}: Core): Promise<readonly { readonly id: string; readonly isSuspect: boolean }[]> {
  const rows = await prisma.webhook.findMany({
    where: { state: 'ACTIVE', dueAt: { lte: clock.now() }, ...ofSomebody },
    orderBy: { dueAt: 'asc' },
    take: MOST_DUE,
    select: { id: true, failuresInRow: true, isSlow: true },
  });
  return rows.map(({ id, failuresInRow, isSlow }) => ({ id, isSuspect: failuresInRow > 0 || isSlow }));
}

/** The webhooks whose cursor is furthest behind a position, although nothing is due: a look at them brings it forward. */
export async function readBehind({ prisma }: Core, position: bigint): Promise<readonly string[]> {
  const rows = await prisma.webhook.findMany({
    where: { state: 'ACTIVE', dueAt: null, position: { lt: position }, ...ofSomebody },
    orderBy: { position: 'asc' },
    take: MOST_DUE,
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}
