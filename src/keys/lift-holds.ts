import type { Caller } from '../domain/caller.ts';
import type { Change } from '../log/change.ts';
import { keyStopPromiseOf, reevaluateKey, type PolicyCore } from './apply-policies.ts';
import { countsFrom } from './key-restrictions.ts';
import type { LockedKey } from './lock-key-for-caller.ts';
import { deleteHolds, type LiftedHolds } from './write-holds.ts';

/**
 * Lifts some holds of a locked key and records KEY_RESUMED. A resumption counts as activity: BY_USE moments are counted
 * from now. A key that policy held keeps its end as the promised stop: policy may hold it again before that only with
 * notice, like any shortening.
 */
export async function liftHolds(
  change: Change<PolicyCore>,
  caller: Caller,
  key: LockedKey,
  { lifted, reason }: { readonly lifted: LiftedHolds['lifted']; readonly reason: string | null },
): Promise<void> {
  const { now } = key;
  const { stopsAt, basis: stopsBasis } = keyStopPromiseOf(key);
  const holds = key.holds.filter((hold) => !lifted.includes(hold));
  const activeAt = countsFrom(key, now);
  const life = { ...key, holds, stopsAt, stopsBasis, activeAt, standing: 'ACTIVE' as const };
  const { columns } = await reevaluateKey(change, life, now);
  deleteHolds(change, caller, [{ key, lifted }], reason);
  change.rows.update('Key', { id: key.id, standing: 'ACTIVE', ...columns });
}
