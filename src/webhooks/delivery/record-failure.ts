import { systemActor, type EventType } from '../../domain/event.ts';
import { addMs } from '../../domain/key.ts';
import { RECEIVER_FAULT_THRESHOLD, retryDelayMs } from '../../domain/retry.ts';
import type { Change } from '../../log/change.ts';
import { endWebhook } from '../end-webhook.ts';
import { idleColumns, webhookSubject } from '../stored-webhook.ts';
import type { DeliveryAttempt } from './attempt-delivery.ts';
import { renewLease, type LeasedWebhook } from './lease.ts';
import { createDelivery, isSlow, storeAttempt, positionAfter, type EventDelivery } from './record-delivery.ts';

/** The state of a webhook at this point of a run. */
export interface DeliveryProgress {
  readonly failuresInRow: number;
  /** When an event was last delivered. */
  readonly deliveredAt: Date | null;
}

/**
 * Records a failed attempt and decides what comes next. A single event that fails has a back-off of its own. When a few
 * different events have failed in a row, the receiver is taken to be down: the whole webhook backs off, and is paused
 * after the last attempt. An event that has used up its attempts is parked as a dead letter if others were delivered
 * meanwhile; if none was, the webhook is paused.
 */
export async function recordFailure(
  change: Change,
  leased: LeasedWebhook,
  delivery: EventDelivery,
  attempt: DeliveryAttempt,
  progress: DeliveryProgress,
): Promise<void> {
  const { event, row } = delivery;
  const wasBackingOff = progress.failuresInRow >= RECEIVER_FAULT_THRESHOLD;
  const isFirst = row === null || row.attemptCount === 0;
  const failuresInRow = progress.failuresInRow + (isFirst || wasBackingOff ? 1 : 0);
  const isBackingOff = failuresInRow >= RECEIVER_FAULT_THRESHOLD;
  // While the whole webhook backs off, an attempt probes the receiver and does not count against the event.
  const attemptCount = wasBackingOff && !isFirst ? (row?.attemptCount ?? 0) : (row?.attemptCount ?? 0) + 1;

  const now = change.now();
  const jitterByte = change.core.random(1)[0] ?? 0;
  const delayMs = (count: number) => retryDelayMs(count, jitterByte / 256, attempt.retryAfterMs);
  const backOffMs = isBackingOff
    ? delayMs(failuresInRow - RECEIVER_FAULT_THRESHOLD + 1)
    : attempt.retryAfterMs && delayMs(1);
  const eventMs = delayMs(attemptCount);
  const isLastAttempt = isBackingOff ? backOffMs === null : eventMs === null;
  const isEventFault =
    !isBackingOff && progress.deliveredAt !== null && row !== null && progress.deliveredAt > row.createdAt;

  await renewLease(change, leased, {
    ...positionAfter(delivery),
    failuresInRow,
    isSlow: isSlow(attempt),
    nextAttemptAt: backOffMs === null || backOffMs === 0 ? null : addMs(now, backOffMs),
  });
  await storeAttempt(change, leased, event, attempt);
  if (attempt.outcome === 'GONE') {
    await endWebhook(change, leased.webhook, systemActor, 'The receiver answered 410 (Gone).');
    return;
  }
  const isParked = isLastAttempt && isEventFault;
  await writeDelivery(change, leased, delivery, {
    attemptCount,
    nextAttemptAt: isLastAttempt || eventMs === null ? null : addMs(now, eventMs),
    isParked,
  });
  if (isParked) recordParked(change, leased, delivery, attempt);
  else if (isLastAttempt) await pauseWebhookAfterFailures(change, leased, attempt);
}

interface DeliveryRowData {
  readonly attemptCount: number;
  readonly nextAttemptAt: Date | null;
  readonly isParked: boolean;
}

async function writeDelivery(
  change: Change,
  leased: LeasedWebhook,
  { event, row }: EventDelivery,
  { isParked, ...data }: DeliveryRowData,
) {
  if (row === null) return createDelivery(change, leased, event, data);
  await change.tx.webhookDelivery.update({
    where: { id: row.id },
    data: { ...data, ...(isParked && { state: 'PARKED' as const }) },
  });
}

/**
 * Records that an event was parked, unless it is itself a webhook event: one that fails would cause the next, without
 * end.
 */
function recordParked(
  change: Change,
  { webhook }: LeasedWebhook,
  { event }: EventDelivery,
  { error }: DeliveryAttempt,
): void {
  if (event.type.startsWith('WEBHOOK_')) return;
  const data = { webhookId: webhook.id, eventId: event.id, eventType: event.type as EventType };
  change.record({
    type: 'WEBHOOK_PARKED',
    at: change.now(),
    ...webhookSubject(webhook),
    actor: systemActor,
    reason: error,
    data,
  });
}

async function pauseWebhookAfterFailures(
  change: Change,
  { webhook }: LeasedWebhook,
  { error }: DeliveryAttempt,
): Promise<void> {
  const at = change.now();
  const reason = `Nothing was delivered for about three days. The last attempt: ${error}`;
  await change.tx.webhook.update({
    where: { id: webhook.id },
    data: { state: 'PAUSED', reason, changedAt: at, ...idleColumns },
  });
  const data = { webhookId: webhook.id };
  change.record({ type: 'WEBHOOK_PAUSED', at, ...webhookSubject(webhook), actor: systemActor, reason, data });
}
