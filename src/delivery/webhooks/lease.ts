import type { Prisma, Webhook, WebhookSecret } from '../../../prisma/generated/client/client.ts';
import { addMs } from '../../domain/key.ts';
import { RECEIVER_FAULT_THRESHOLD } from '../../domain/retry.ts';
import type { Change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';

/** How long a node has a webhook without a sign of life: longer than a request may take, and what follows it. */
const LEASE_MS = 30_000;

/** A webhook that this node has, as it was when it was taken. */
export interface LeasedWebhook {
  readonly webhook: Webhook & { readonly secrets: readonly WebhookSecret[] };
  readonly token: string;
}

/** Another node has taken the webhook, or a person has changed it: nothing that was going on counts any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Takes a webhook for this node; null: another one has it, it rests, or nobody of its account is there any more. */
export async function acquireLease({ prisma, clock, random }: Core, id: string): Promise<LeasedWebhook | null> {
  const now = clock.now();
  const until = addMs(now, LEASE_MS);
  const token = Buffer.from(random(16)).toString('hex');
  const taken = await prisma.$executeRaw`
    UPDATE "Webhook" SET "leasedUntil" = ${until}, "leaseToken" = ${token}, "dueAt" = ${until} WHERE id = (
      SELECT w.id FROM "Webhook" w LEFT JOIN "Account" a ON a.id = w."accountId"
      WHERE w.id = ${id} AND w.state = 'ACTIVE' AND a."disabledAt" IS NULL
        AND (w."leasedUntil" IS NULL OR w."leasedUntil" <= ${now})
        AND (w."nextAttemptAt" IS NULL OR w."nextAttemptAt" <= ${now})
      FOR NO KEY UPDATE OF w SKIP LOCKED)`;
  if (taken === 0) return null;
  const secrets = {
    where: { OR: [{ retiresAt: null }, { retiresAt: { gt: now } }] },
    orderBy: { generation: 'desc' as const },
  };
  const webhook = await prisma.webhook.findFirst({ where: { id, leaseToken: token }, include: { secrets } });
  return webhook === null ? null : { webhook, token };
}

/** Writes what became of a webhook that this node has, and has it for longer. Throws a LeaseLost if it has it no more. */
export async function renewLease(
  { tx, now }: Change,
  { webhook: { id }, token }: LeasedWebhook,
  data: Prisma.WebhookUpdateManyMutationInput,
): Promise<void> {
  const until = addMs(now(), LEASE_MS);
  const where = { id, leaseToken: token };
  const { count } = await tx.webhook.updateMany({ where, data: { leasedUntil: until, dueAt: until, ...data } });
  if (count === 0) throw new LeaseLost('This node has the webhook no more.');
}

/**
 * Gives a webhook back, with what was come to. When somebody has to look at it: at once if there is more, else when the
 * first of what waits is due, else when an event comes; not before the time for which all of it rests.
 */
export async function releaseLease(
  { prisma, clock }: Core,
  { webhook: { id }, token }: LeasedWebhook,
  { position, hasMore }: { readonly position: bigint; readonly hasMore: boolean },
): Promise<void> {
  const now = clock.now();
  await prisma.$executeRaw`
    UPDATE "Webhook" w SET position = ${position}, "leasedUntil" = NULL, "leaseToken" = NULL, "dueAt" = CASE
      WHEN w."failuresInRow" >= ${RECEIVER_FAULT_THRESHOLD} THEN w."nextAttemptAt"
      WHEN ${hasMore} THEN greatest(${now}, w."nextAttemptAt")
      ELSE greatest(w."nextAttemptAt", (
        SELECT min(coalesce(first."nextAttemptAt", ${now})) FROM (
          SELECT DISTINCT ON ("keyId") "nextAttemptAt" FROM "WebhookDelivery"
          WHERE "webhookId" = w.id AND state = 'WAITING' ORDER BY "keyId", position) AS first)) END
    WHERE w.id = ${id} AND w."leaseToken" = ${token}`;
}
