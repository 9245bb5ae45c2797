import { automationOf } from '../domain/automation.ts';
import { findCadence, findRhythmBreak } from '../domain/cadence.ts';
import { DAY_MS, formatDuration } from '../domain/duration.ts';
import type { EventBase } from '../domain/event-detail.ts';
import { systemActor } from '../domain/event.ts';
import { nextUseEvent, planNextUseNotice } from '../domain/next-use-notice.ts';
import type { Change } from '../log/change.ts';
import { nextUseColumns } from './store-notices.ts';
import type { PendingUse } from '../verifier/pending-use.ts';

export interface KeyOwner {
  readonly id: string;
  readonly realmId: string;
  readonly ownerId: string;
}

/** A secret's first use, and where its key belongs. */
export interface FirstUse extends KeyOwner {
  readonly secretId: string;
  readonly generation: number;
  readonly usedAt: Date;
  readonly days: null;
}

/** The first use of a key after more than a week without one, with the days of use of the key up to then, since 1970. */
export interface NewUse extends KeyOwner {
  readonly usedAt: Date;
  readonly days: readonly number[];
  /** When time alone stops the key; null: nothing does, a use moves the stop, or the key was exchanged for the token of a job. */
  readonly stopsAt: Date | null;
  readonly renewalDueAt: Date | null;
  readonly isSelfRenewing: boolean | null;
}

/** A key with at most this many days of use has no rhythm: that takes two intervals. */
export const LEAST_DAYS = 2;

/** Records KEY_FIRST_USED for the first use of each secret. */
export function recordFirstUses(change: Change, used: readonly PendingUse[], first: readonly FirstUse[]): void {
  const latestFirst = used.toSorted((a, b) => b.firstMs - a.firstMs);
  const consumers = new Map(latestFirst.map((use) => [use.secretId, use.consumer]));
  change.record(
    ...first.map(({ secretId, generation, usedAt, ...key }) => ({
      ...useEvent(key, usedAt),
      type: 'KEY_FIRST_USED' as const,
      data: { generation, consumer: consumers.get(secretId) || null },
    })),
  );
}

/** Records KEY_USED_OUT_OF_RHYTHM for those new uses that do not fit the rhythm of their key. */
export function recordRhythmBreaks(change: Change, used: readonly PendingUse[], newUses: readonly NewUse[]): void {
  for (const { usedAt, days, ...key } of newUses) {
    const before = days.slice(0, -1).map((day) => day * DAY_MS);
    const rhythmBreak = findRhythmBreak(before, (days.at(-1) ?? 0) * DAY_MS);
    const cadence = rhythmBreak === null ? null : findCadence(before);
    if (cadence === null) continue;
    const [first] = used.filter(({ keyId }) => keyId === key.id).toSorted((a, b) => a.firstMs - b.firstMs);
    change.record({
      ...useEvent(key, usedAt),
      type: 'KEY_USED_OUT_OF_RHYTHM',
      data: {
        isEarly: rhythmBreak === 'EARLY',
        consumer: first?.consumer || null,
        interval: formatDuration(cadence.interval),
        nextUseFrom: new Date(cadence.nextUseFrom).toISOString(),
        nextUseTo: new Date(cadence.nextUseTo).toISOString(),
      },
    });
  }
}

/**
 * Gives notice for those keys that time alone stops before they are likely to be used next, and that no program renews. A stop that a
 * use moves is decided by a review, which gives that notice.
 */
export async function giveNextUseNotices({ tx, now, record }: Change, newUses: readonly NewUse[]): Promise<void> {
  const rows = [];
  for (const { usedAt, days, ...key } of newUses) {
    const { stopsAt } = key;
    const cadence = findCadence(days.map((day) => day * DAY_MS));
    const nextUse = { cadence, isRenewed: automationOf(key, usedAt) === 'WORKING', noticesGiven: new Set<number>() };
    const notice = planNextUseNotice(stopsAt, nextUse, usedAt);
    if (notice === null || stopsAt === null) continue;
    const { id: keyId, realmId, ownerId } = key;
    rows.push({ keyId, stopsAt, givenAt: now(), mailAt: now(), ...nextUseColumns(notice) });
    record({
      ...useEvent({ id: keyId, realmId, ownerId }, usedAt),
      ...nextUseEvent(notice, { stopsAt, stopsBasis: 'HARD' }),
    });
  }
  if (rows.length > 0) await tx.notice.createMany({ data: rows, skipDuplicates: true });
}

/** Returns the fields of an event of use besides its type and data. */
export function useEvent({ id: keyId, realmId, ownerId }: KeyOwner, at: Date): EventBase {
  return { at, keyId, realmId, ownerId, actor: systemActor };
}
