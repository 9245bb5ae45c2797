import type { Event, WebhookDelivery } from '../../../prisma/generated/client/client.ts';
import { newId } from '../../domain/id.ts';
import type { Change } from '../../log/change.ts';
import type { DeliveryAttempt } from './attempt-delivery.ts';
import { recordNoticeDelivery } from '../webhook-channel.ts';
import { renewLease, type LeasedWebhook } from './lease.ts';

/** An attempt that takes longer is slow. */
const SLOW_MS = 1_000;

/** An event on its way to a webhook. `row` is null for an event at the cursor, and set for one that waited. */
export interface EventDelivery {
  readonly event: Event;
  readonly row: WebhookDelivery | null;
}

/** Stores an attempt, which people can read as `Webhook.attempts`. */
export async function storeAttempt(
  { tx, core }: Change,
  { webhook: { id: webhookId } }: LeasedWebhook,
  { position }: Pick<Event, 'position'>,
  { at, status, durationMs, error }: Pick<DeliveryAttempt, 'at' | 'status' | 'durationMs' | 'error'>,
): Promise<void> {
  const id = newId('attempt', at, core.random);
  await tx.webhookAttempt.create({ data: { id, webhookId, position, at, status, durationMs, error } });
}

/** Returns the new cursor after an event. An event that waited is behind the cursor already and does not move it. */
export function positionAfter({ event, row }: EventDelivery): { readonly position?: bigint } {
  return row === null ? { position: event.position } : {};
}

export function isSlow({ durationMs }: DeliveryAttempt): boolean {
  return durationMs > SLOW_MS;
}

/**
 * Records that the receiver accepted an event; if it was a notice, the notice counts as delivered. If the whole webhook
 * was backing off, all waiting deliveries become due.
 */
export async function recordDelivery(
  change: Change,
  leased: LeasedWebhook,
  delivery: EventDelivery,
  attempt: DeliveryAttempt,
  wasBackingOff: boolean,
): Promise<void> {
  const { tx } = change;
  const webhookId = leased.webhook.id;
  await renewLease(change, leased, {
    ...positionAfter(delivery),
    deliveredAt: attempt.at,
    failuresInRow: 0,
    nextAttemptAt: null,
    isSlow: isSlow(attempt),
  });
  await storeAttempt(change, leased, delivery.event, attempt);
  await recordNoticeDelivery(tx, delivery.event, attempt.at);
  if (delivery.row !== null) await tx.webhookDelivery.deleteMany({ where: { id: delivery.row.id } });
  if (wasBackingOff) {
    await tx.webhookDelivery.updateMany({ where: { webhookId, state: 'WAITING' }, data: { nextAttemptAt: null } });
  }
}

/** Moves the cursor over events that the log no longer retains, and stores an attempt that says so. */
export async function recordGap(change: Change, leased: LeasedWebhook, position: bigint): Promise<void> {
  await renewLease(change, leased, { position });
  const error = 'The log no longer has the events up to this one: those that were not sent are skipped.';
  await storeAttempt(change, leased, { position }, { at: change.now(), status: null, durationMs: 0, error });
}

/** Drops a waiting delivery whose event the log no longer retains, and stores an attempt that says so. */
export async function recordMissingEvent(change: Change, leased: LeasedWebhook, row: WebhookDelivery): Promise<void> {
  await renewLease(change, leased, {});
  const error = 'The log no longer has this event.';
  await storeAttempt(change, leased, row, { at: change.now(), status: null, durationMs: 0, error });
  await change.tx.webhookDelivery.delete({ where: { id: row.id } });
}

/** Queues an event, without an attempt, behind the waiting events of its key, to preserve their order. */
export async function queueDelivery(change: Change, leased: LeasedWebhook, event: Event): Promise<void> {
  await renewLease(change, leased, { position: event.position });
  await createDelivery(change, leased, event, { attemptCount: 0, nextAttemptAt: null });
}

export async function createDelivery(
  { tx, core, now }: Change,
  { webhook: { id: webhookId } }: LeasedWebhook,
  { position, keyId }: Event,
  schedule: { readonly attemptCount: number; readonly nextAttemptAt: Date | null },
): Promise<void> {
  const createdAt = now();
  const id = newId('delivery', createdAt, core.random);
  await tx.webhookDelivery.create({ data: { id, webhookId, position, keyId, createdAt, ...schedule } });
}
