import type { Change } from '../log/change.ts';
import { loadPolicyFacts } from '../policies/realm-policies.ts';
import type { RolloutFacts } from '../policies/rollout-facts.ts';
import { parseStoredVerdicts } from '../policies/stored-verdicts.ts';
import { announcedChangesOf } from './announced-changes.ts';
import { findRunningStages, stageName } from './end-brownouts.ts';
import { ownerIdOf } from './key-row.ts';
import type { KeyForReview } from './read-keys-for-review.ts';
import type { KeyReview } from './review-key.ts';
import { holdsAnnounced, writeAnnounced, type AnnouncedChanges } from './write-warnings.ts';

/** Writes what rollouts announce on the reviewed keys, if that has changed: one statement if it has for any, else none. */
export async function writeAnnouncedChanges(
  change: Change,
  live: readonly KeyForReview[],
  reviewed: readonly KeyReview[],
  now: Date,
): Promise<void> {
  const realmIds = live.map((key) => key.realmId);
  // The evaluation of the live keys has loaded them: no statement is sent.
  const facts = live.length === 0 ? null : await loadPolicyFacts(change.tx, realmIds, live.map(ownerIdOf));
  const rollouts = facts?.rollouts ?? new Map<string, readonly RolloutFacts[]>();
  const changed = new Map<string, AnnouncedChanges>();
  for (const { key, verdicts, result } of reviewed) {
    const ofRealm = key.realm.bindings.flatMap(({ id }) => rollouts.get(id) ?? []);
    const hasEnded = key.revokedAt !== null || result.row.expiredAt !== null;
    const current = verdicts ?? parseStoredVerdicts(key.judgement);
    const announced = announcedChangesOf(key, current, hasEnded ? [] : ofRealm, now);
    if (!holdsAnnounced(key, announced)) changed.set(key.id, announced);
  }
  await writeAnnounced(change, await withoutEndedBrownouts(change, changed, [...rollouts.values()].flat()));
}

/** Returns announced changes without the brownouts of rollouts that have paused, gone on or ended since the review read them. */
async function withoutEndedBrownouts(
  change: Change,
  changed: ReadonlyMap<string, AnnouncedChanges>,
  rollouts: readonly RolloutFacts[],
): Promise<ReadonlyMap<string, AnnouncedChanges>> {
  const ids = new Set([...changed.values()].flatMap(({ brownouts }) => brownouts.map(({ rolloutId }) => rolloutId)));
  if (ids.size === 0) return changed;
  const running = await findRunningStages(change, [...ids]);
  const ended = new Set(rollouts.filter((rollout) => !running.has(stageName(rollout))).map(({ id }) => id));
  if (ended.size === 0) return changed;
  return new Map(
    [...changed].map(([id, { warnings, brownouts }]) => [
      id,
      { warnings, brownouts: brownouts.filter(({ rolloutId }) => !ended.has(rolloutId)) },
    ]),
  );
}
