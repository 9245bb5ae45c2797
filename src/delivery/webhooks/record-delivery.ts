import type { Event, WebhookDelivery } from '../../../prisma/generated/client/client.ts';
import { newId } from '../../domain/id.ts';
import type { Change } from '../../log/change.ts';
import type { DeliveryAttempt } from './attempt-delivery.ts';
import { recordNoticeDelivery } from '../../webhooks/webhook-channel.ts';
import { renewLease, type LeasedWebhook } from './lease.ts';

/** From this on an answer is slow. */
const SLOW_MS = 1_000;

/** An event that was tried for a webhook: one that the cursor has come to (no row yet), or one that waited. */
export interface EventDelivery {
  readonly event: Event;
  readonly row: WebhookDelivery | null;
}

/** Notes an attempt, so that people can look into what happened. */
export async function storeAttempt(
  { tx, core }: Change,
  { webhook: { id: webhookId } }: LeasedWebhook,
  { position }: Pick<Event, 'position'>,
  { at, status, durationMs, error }: Pick<DeliveryAttempt, 'at' | 'status' | 'durationMs' | 'error'>,
): Promise<void> {
  const id = newId('attempt', at, core.random);
  await tx.webhookAttempt.create({ data: { id, webhookId, position, at, status, durationMs, error } });
}

/** Where the cursor is after an event: an event that waited was behind it already. */
export function positionAfter({ event, row }: EventDelivery): { readonly position?: bigint } {
  return row === null ? { position: event.position } : {};
}

export function isSlow({ durationMs }: DeliveryAttempt): boolean {
  return durationMs > SLOW_MS;
}

/**
 * Records that the receiver has taken an event: this is the place at which a delivery is known. When all of it had been
 * waiting, what waits is tried at once.
 */
export async function recordDelivery(
  change: Change,
  leased: LeasedWebhook,
  tried: EventDelivery,
  attempt: DeliveryAttempt,
  wasResting: boolean,
): Promise<void> {
  const { tx } = change;
  const webhookId = leased.webhook.id;
  await renewLease(change, leased, {
    ...positionAfter(tried),
    deliveredAt: attempt.at,
    failuresInRow: 0,
    nextAttemptAt: null,
    isSlow: isSlow(attempt),
  });
  await storeAttempt(change, leased, tried.event, attempt);
  await recordNoticeDelivery(tx, tried.event, attempt.at);
  if (tried.row !== null) await tx.webhookDelivery.deleteMany({ where: { id: tried.row.id } });
  if (wasResting) {
    await tx.webhookDelivery.updateMany({ where: { webhookId, state: 'WAITING' }, data: { nextAttemptAt: null } });
  }
}

/** Notes that events up to a position are no longer kept in the log, and so were passed over. */
export async function recordGap(change: Change, leased: LeasedWebhook, position: bigint): Promise<void> {
  await renewLease(change, leased, { position });
  const error = 'The events up to this one are no longer kept in the log: those that were not sent are passed over.';
  await storeAttempt(change, leased, { position }, { at: change.now(), status: null, durationMs: 0, error });
}

/** Notes that what waited is no longer kept in the log, and so cannot be sent. */
export async function recordMissingEvent(change: Change, leased: LeasedWebhook, row: WebhookDelivery): Promise<void> {
  await renewLease(change, leased, {});
  const error = 'The event is no longer kept in the log.';
  await storeAttempt(change, leased, row, { at: change.now(), status: null, durationMs: 0, error });
  await change.tx.webhookDelivery.delete({ where: { id: row.id } });
}

/** Puts an event behind those of its key that wait, untried. */
export async function queueDelivery(change: Change, leased: LeasedWebhook, event: Event): Promise<void> {
  await renewLease(change, leased, { position: event.position });
  await createDelivery(change, leased, event, { attemptCount: 0, nextAttemptAt: null });
}

export async function createDelivery(
  { tx, core, now }: Change,
  { webhook: { id: webhookId } }: LeasedWebhook,
  { position, keyId }: Event,
  more: { readonly attemptCount: number; readonly nextAttemptAt: Date | null },
): Promise<void> {
  const createdAt = now();
  const id = newId('delivery', createdAt, core.random);
  await tx.webhookDelivery.create({ data: { id, webhookId, position, keyId, createdAt, ...more } });
}
