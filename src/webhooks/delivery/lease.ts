import type { Prisma, Webhook, WebhookSecret } from '../../../prisma/generated/client/client.ts';
import { addMs } from '../../domain/key.ts';
import { RECEIVER_FAULT_THRESHOLD } from '../../domain/retry.ts';
import type { Change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';

/** How long a lease lasts without renewal: longer than a request and the storing of its outcome may take. */
const LEASE_MS = 30_000;

/** A webhook that this node has leased, as it was at that time. */
export interface LeasedWebhook {
  readonly webhook: Webhook & { readonly secrets: readonly WebhookSecret[] };
  readonly token: string;
}

/**
 * Thrown when another node has leased the webhook, or a person has changed it: this node's work on it must not be
 * stored.
 */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * Leases a webhook for this node. Returns null if another node has it, if it backs off, is not active, or its account
 * is disabled.
 */
export async function acquireLease({ prisma, clock, random }: Core, id: string): Promise<LeasedWebhook | null> {
  const now = clock.now();
  const until = addMs(now, LEASE_MS);
  const token = Buffer.from(random(16)).toString('hex');
  const count = await prisma.$executeRaw`
    UPDATE "Webhook" SET "leasedUntil" = ${until}, "leaseToken" = ${token}, "dueAt" = ${until} WHERE id = (
      SELECT w.id FROM "Webhook" w LEFT JOIN "Account" a ON a.id = w."accountId"
      WHERE w.id = ${id} AND w.state = 'ACTIVE' AND a."disabledAt" IS NULL
        AND (w."leasedUntil" IS NULL OR w."leasedUntil" <= ${now})
        AND (w."nextAttemptAt" IS NULL OR w."nextAttemptAt" <= ${now})
      FOR NO KEY UPDATE OF w SKIP LOCKED)`;
  if (count === 0) return null;
  const secrets = {
    where: { OR: [{ retiresAt: null }, { retiresAt: { gt: now } }] },
    orderBy: { generation: 'desc' as const },
  };
  const webhook = await prisma.webhook.findFirst({ where: { id, leaseToken: token }, include: { secrets } });
  return webhook === null ? null : { webhook, token };
}

/** Stores the state of a leased webhook and renews the lease. Throws LeaseLost if this node no longer has the lease. */
export async function renewLease(
  { tx, now }: Change,
  { webhook: { id }, token }: LeasedWebhook,
  data: Prisma.WebhookUpdateManyMutationInput,
): Promise<void> {
  const until = addMs(now(), LEASE_MS);
  const where = { id, leaseToken: token };
  const { count } = await tx.webhook.updateMany({ where, data: { leasedUntil: until, dueAt: until, ...data } });
  if (count === 0) throw new LeaseLost('This node has lost its lease on the webhook.');
}

/**
 * Releases the lease and stores the cursor. Sets `dueAt`: now if more events wait; else when the first waiting delivery
 * is due; else null until an event arrives; never before the receiver's back-off ends.
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
