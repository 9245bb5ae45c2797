import type { Core } from '../../store/core.ts';

/**
 * How long ago the oldest event was written that an active webhook has still to get, in ms; 0: all have all. Of a cursor
 * that rests the event after it counts, whether or not it is one for that webhook.
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
