import type { Core } from '../../store/core.ts';

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
