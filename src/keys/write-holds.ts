import type { HoldSource } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import type { Change } from '../log/change.ts';
import { countsFrom } from './key-restrictions.ts';
import { eventSubjectOf, type KeyRow } from './key-row.ts';
import type { LockedKey } from './lock-key-for-caller.ts';

/** A hold that a caller places on keys. */
export interface NewHold {
  readonly source: HoldSource;
  /** Default: the caller. */
  readonly sourceId?: string;
  readonly reason: string;
}

/** Places a hold on each of some locked keys, in one statement, and records KEY_HELD. */
export async function placeHolds(
  change: Change,
  caller: Caller,
  keys: readonly LockedKey[],
  { source, sourceId, reason }: NewHold,
): Promise<void> {
  const actor = actorOf(caller);
  await change.tx.hold.createMany({
    data: keys.map((key) => ({
      id: newId('hold', key.now, change.core.random),
      keyId: key.id,
      source,
      sourceId: sourceId ?? actor.id ?? '',
      sourceName: actor.name ?? '',
      reason,
      since: key.now,
      operationId: change.operationId ?? null,
    })),
  });
  for (const key of keys) {
    change.record({ type: 'KEY_HELD', at: key.now, ...eventSubjectOf(key), actor, reason, data: { source } });
  }
}

/** Holds of a locked key that are to be deleted: at least one. */
export interface LiftedHolds {
  readonly key: LockedKey;
  readonly lifted: KeyRow['holds'];
}

/**
 * Deletes holds of some locked keys, in one statement, and records KEY_RESUMED. A resumption counts as activity: returns from
 * when on each key is active. The caller writes it.
 */
export async function deleteHolds(
  change: Change,
  caller: Caller,
  resumed: readonly LiftedHolds[],
  reason: string | null,
): Promise<readonly { readonly id: string; readonly activeAt: Date }[]> {
  const ids = resumed.flatMap(({ lifted }) => lifted.map(({ id }) => id));
  await change.tx.hold.deleteMany({ where: { id: { in: ids } } });
  const actor = actorOf(caller);
  for (const { key, lifted } of resumed) {
    const data = { sources: lifted.map(({ source }) => source), isStillHeld: lifted.length < key.holds.length };
    change.record({ type: 'KEY_RESUMED', at: key.now, ...eventSubjectOf(key), actor, reason, data });
  }
  return resumed.map(({ key }) => ({ id: key.id, activeAt: countsFrom(key, key.now) }));
}
