import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import type { Change } from '../log/change.ts';
import { keyStopPromiseOf, reevaluateKey, type PolicyCore } from './apply-policies.ts';
import { countsFrom } from './key-restrictions.ts';
import { eventSubjectOf, type KeyRow } from './key-row.ts';
import type { LockedKey } from './lock-key-for-caller.ts';

/**
 * Lifts some holds of a locked key and records KEY_RESUMED. A resumption counts as activity: BY_USE moments are counted
 * from now. A key that policy held keeps its end as the promised stop: policy may hold it again before that only with
 * notice, like any shortening.
 */
export async function liftHolds(
  change: Change<PolicyCore>,
  caller: Caller,
  key: LockedKey,
  { lifted, reason }: { readonly lifted: KeyRow['holds']; readonly reason: string | null },
): Promise<void> {
  const { rows } = change;
  const { now } = key;
  const { stopsAt, basis: stopsBasis } = keyStopPromiseOf(key);
  const holds = key.holds.filter((hold) => !lifted.includes(hold));
  const activeAt = countsFrom(key, now);
  const life = { ...key, holds, stopsAt, stopsBasis, activeAt, standing: 'ACTIVE' as const };
  const { columns } = await reevaluateKey(change, life, now);
  rows.delete('Hold', 'id', ...lifted.map((hold) => hold.id));
  rows.update('Key', { id: key.id, activeAt, standing: 'ACTIVE', ...columns });
  change.record({
    type: 'KEY_RESUMED',
    at: now,
    ...eventSubjectOf(key),
    actor: actorOf(caller),
    reason,
    data: { sources: lifted.map((hold) => hold.source), isStillHeld: lifted.length < key.holds.length },
  });
}
