import { systemActor } from '../../domain/event.ts';
import { addMs } from '../../domain/key.ts';
import { RECEIVER_FAULT_THRESHOLD, retryDelayMs } from '../../domain/retry.ts';
import type { Change } from '../../log/change.ts';
import { endWebhook } from '../../webhooks/end-webhook.ts';
import { idleColumns, webhookSubject } from '../../webhooks/stored-webhook.ts';
import type { DeliveryAttempt } from './attempt-delivery.ts';
import { renewLease, type LeasedWebhook } from './lease.ts';
import { createDelivery, isSlow, storeAttempt, positionAfter, type EventDelivery } from './record-delivery.ts';

/** What a webhook has come to since the turn began. */
export interface DeliveryProgress {
  readonly failuresInRow: number;
  /** When an event was last delivered. */
  readonly deliveredAt: Date | null;
}

/**
 * Records that an attempt failed, and decides what comes next. An event that fails waits for itself; when a few different
 * ones have failed and none was delivered, all of the webhook waits, and is paused when that takes too long. An event whose
 * time is over is parked if others were delivered meanwhile; if none was, it is the receiver, and the webhook is paused.
 */
export async function recordFailure(
  change: Change,
  leased: LeasedWebhook,
  tried: EventDelivery,
  attempt: DeliveryAttempt,
  course: DeliveryProgress,
): Promise<void> {
  const { event, row } = tried;
  const wasResting = course.failuresInRow >= RECEIVER_FAULT_THRESHOLD;
  const isFirst = row === null || row.attemptCount === 0;
  const failuresInRow = course.failuresInRow + (isFirst || wasResting ? 1 : 0);
  const isResting = failuresInRow >= RECEIVER_FAULT_THRESHOLD;
  // While all of it rests, it is the receiver that is tried, and not the event.
  const attemptCount = wasResting && !isFirst ? (row?.attemptCount ?? 0) : (row?.attemptCount ?? 0) + 1;

  const now = change.now();
  const chance = change.core.random(1)[0] ?? 0;
  const delayMs = (count: number) => retryDelayMs(count, chance / 256, attempt.retryAfterMs);
  const restMs = isResting ? delayMs(failuresInRow - RECEIVER_FAULT_THRESHOLD + 1) : attempt.retryAfterMs && delayMs(1);
  const eventMs = delayMs(attemptCount);
  const isOver = isResting ? restMs === null : eventMs === null;
  const isItsOwn = !isResting && course.deliveredAt !== null && row !== null && course.deliveredAt > row.createdAt;

  await renewLease(change, leased, {
    ...positionAfter(tried),
    failuresInRow,
    isSlow: isSlow(attempt),
    nextAttemptAt: restMs === null || restMs === 0 ? null : addMs(now, restMs),
  });
  await storeAttempt(change, leased, event, attempt);
  if (attempt.outcome === 'GONE') {
    await endWebhook(change, leased.webhook, systemActor, 'The receiver answered 410: it is gone.');
    return;
  }
  const isParked = isOver && isItsOwn;
  await writeDelivery(change, leased, tried, {
    attemptCount,
    nextAttemptAt: isOver || eventMs === null ? null : addMs(now, eventMs),
    isParked,
  });
  if (isParked) recordParked(change, leased, tried, attempt);
  else if (isOver) await pauseWebhookAfterFailures(change, leased, attempt);
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

/** Of an event that tells of webhooks nobody is told: one that cannot be sent would lead to the next. */
function recordParked(
  change: Change,
  { webhook }: LeasedWebhook,
  { event }: EventDelivery,
  { error }: DeliveryAttempt,
): void {
  if (event.type.startsWith('WEBHOOK_')) return;
  const data = { webhookId: webhook.id, eventId: event.id, eventType: event.type };
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
