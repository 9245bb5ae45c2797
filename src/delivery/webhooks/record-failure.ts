import { systemActor } from '../../domain/event.ts';
import { plus } from '../../domain/key.ts';
import { FEW_FAILURES, retryDelayMs } from '../../domain/retry.ts';
import type { Change } from '../../log/change.ts';
import { endWebhook } from '../../webhooks/end-webhook.ts';
import { idle, subjectOf } from '../../webhooks/stored-webhook.ts';
import type { Attempt } from './attempt.ts';
import { keepLease, type Leased } from './lease.ts';
import { createRow, isSlow, noteAttempt, positionAfter, type Tried } from './record.ts';

/** What a webhook has come to since the turn began. */
export interface Course {
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
  leased: Leased,
  tried: Tried,
  attempt: Attempt,
  course: Course,
): Promise<void> {
  const { event, row } = tried;
  const wasResting = course.failuresInRow >= FEW_FAILURES;
  const isFirst = row === null || row.attemptCount === 0;
  const failuresInRow = course.failuresInRow + (isFirst || wasResting ? 1 : 0);
  const isResting = failuresInRow >= FEW_FAILURES;
  // While all of it rests, it is the receiver that is tried, and not the event.
  const attemptCount = wasResting && !isFirst ? (row?.attemptCount ?? 0) : (row?.attemptCount ?? 0) + 1;

  const now = change.now();
  const chance = change.core.random(1)[0] ?? 0;
  const delayMs = (count: number) => retryDelayMs(count, chance / 256, attempt.retryAfterMs);
  const restMs = isResting ? delayMs(failuresInRow - FEW_FAILURES + 1) : attempt.retryAfterMs && delayMs(1);
  const eventMs = delayMs(attemptCount);
  const isOver = isResting ? restMs === null : eventMs === null;
  const isItsOwn = !isResting && course.deliveredAt !== null && row !== null && course.deliveredAt > row.createdAt;

  await keepLease(change, leased, {
    ...positionAfter(tried),
    failuresInRow,
    isSlow: isSlow(attempt),
    nextAttemptAt: restMs === null || restMs === 0 ? null : plus(now, restMs),
  });
  await noteAttempt(change, leased, event, attempt);
  if (attempt.outcome === 'GONE') {
    await endWebhook(change, leased.webhook, systemActor, 'The receiver answered 410: it is gone.');
    return;
  }
  const isParked = isOver && isItsOwn;
  await writeRow(change, leased, tried, {
    attemptCount,
    nextAttemptAt: isOver || eventMs === null ? null : plus(now, eventMs),
    isParked,
  });
  if (isParked) tellParked(change, leased, tried, attempt);
  else if (isOver) await pause(change, leased, attempt);
}

interface RowData {
  readonly attemptCount: number;
  readonly nextAttemptAt: Date | null;
  readonly isParked: boolean;
}

async function writeRow(change: Change, leased: Leased, { event, row }: Tried, { isParked, ...data }: RowData) {
  if (row === null) return createRow(change, leased, event, data);
  await change.tx.webhookDelivery.update({
    where: { id: row.id },
    data: { ...data, ...(isParked && { state: 'PARKED' as const }) },
  });
}

/** Of an event that tells of webhooks nobody is told: one that cannot be sent would lead to the next. */
function tellParked(change: Change, { webhook }: Leased, { event }: Tried, { error }: Attempt): void {
  if (event.type.startsWith('WEBHOOK_')) return;
  const data = { webhookId: webhook.id, eventId: event.id, eventType: event.type };
  change.tell({
    type: 'WEBHOOK_PARKED',
    at: change.now(),
    ...subjectOf(webhook),
    actor: systemActor,
    reason: error,
    data,
  });
}

async function pause(change: Change, { webhook }: Leased, { error }: Attempt): Promise<void> {
  const at = change.now();
  const reason = `Nothing was delivered for about three days. The last attempt: ${error}`;
  await change.tx.webhook.update({
    where: { id: webhook.id },
    data: { state: 'PAUSED', reason, changedAt: at, ...idle },
  });
  const data = { webhookId: webhook.id };
  change.tell({ type: 'WEBHOOK_PAUSED', at, ...subjectOf(webhook), actor: systemActor, reason, data });
}
