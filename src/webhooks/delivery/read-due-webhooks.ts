import type { Core } from '../../store/core.ts';

/** How many webhooks are read at a time. The rest is read by the next poll. */
const BATCH = 200;

/** Nothing is sent for a disabled account. */
const withActiveOwner = { OR: [{ accountId: null }, { account: { disabledAt: null } }] };

/**
 * Returns the webhooks that are due, longest overdue first. A webhook is a suspect if it failed since its last
 * delivery, or if its last attempt was slow.
 */
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

/**
 * Returns the age in ms of the oldest event that an active webhook has not received; 0: none is outstanding. For a
 * webhook that is due, the event after its cursor counts, whether or not it matches the webhook's filter.
 */
export async function readLag({ prisma, clock }: Core): Promise<number> {
  const [row] = await prisma.$queryRaw<[{ since: Date | null }]>`
    SELECT min(e."recordedAt") AS since FROM "Event" e WHERE e.position IN (
      SELECT min(w.position) + 1 FROM "Webhook" w WHERE w.state = 'ACTIVE' AND w."dueAt" IS NOT NULL
      UNION ALL
      SELECT min(d.position) FROM "WebhookDelivery" d JOIN "Webhook" w ON w.id = d."webhookId"
      WHERE w.state = 'ACTIVE' AND d.state = 'WAITING')`;
  return row.since === null ? 0 : clock.now().getTime() - row.since.getTime();
}
