import type { HoldSource } from '../../prisma/generated/client/client.ts';
import { actorOf, type Actor } from '../domain/event.ts';
import type { EventData } from '../domain/event-detail.ts';
import type { Caller } from '../domain/caller.ts';
import { newId } from '../domain/id.ts';
import type { Change } from '../log/change.ts';
import { countsFrom } from './key-restrictions.ts';
import { eventSubjectOf, type KeyRow } from './key-row.ts';
import type { LockedKey } from './lock-key-for-caller.ts';

/** A hold that a person, a program or the report of a leak places on keys. */
export interface NewHold {
  readonly source: HoldSource;
  /** Default: the id of the actor. */
  readonly sourceId?: string;
  readonly reason: string;
  /** More data of the event. */
  readonly facts?: Omit<EventData<'KEY_HELD'>, 'source'>;
}

/** Places a hold on each of some locked keys, with the last statement of the change, and records KEY_HELD. */
export function placeHolds(
  change: Change,
  actor: Actor,
  keys: readonly LockedKey[],
  { source, sourceId, reason, facts }: NewHold,
): void {
  const holds = keys.map(({ id: keyId, now }) => ({
    id: newId('hold', now, change.core.random),
    keyId,
    source,
    sourceId: sourceId ?? actor.id ?? '',
    sourceName: actor.name ?? '',
    reason,
    since: now,
    operationId: change.operationId ?? null,
  }));
  change.rows.insert('Hold', ...holds);
  for (const key of keys) {
    const data = { source, ...facts };
    change.record({ type: 'KEY_HELD', at: key.now, ...eventSubjectOf(key), actor, reason, data });
  }
}

/** Holds of a locked key that are to be deleted: at least one. */
export interface LiftedHolds {
  readonly key: LockedKey;
  readonly lifted: KeyRow['holds'];
}

/**
 * Deletes holds of some locked keys, with the last statement of the change, and records KEY_RESUMED. A resumption counts
 * as activity: BY_USE moments are counted from now, or from when the key becomes valid.
 */
export function deleteHolds(
  change: Change,
  caller: Caller,
  resumed: readonly LiftedHolds[],
  reason: string | null,
): void {
  const { rows } = change;
  const ids = resumed.flatMap(({ lifted }) => lifted.map(({ id }) => id));
  rows.delete('Hold', 'id', ...ids);
  const actor = actorOf(caller);
  for (const { key, lifted } of resumed) {
    rows.update('Key', { id: key.id, activeAt: countsFrom(key, key.now) });
    const data = { sources: lifted.map(({ source }) => source), isStillHeld: lifted.length < key.holds.length };
    change.record({ type: 'KEY_RESUMED', at: key.now, ...eventSubjectOf(key), actor, reason, data });
  }
}
