import { brownoutsFor, limitBrownouts, toBrownoutWindows, type KeyBrownout } from '../domain/brownout.ts';
import { latest } from '../domain/key.ts';
import { isOpenRollout, stageOf } from '../domain/rollout.ts';
import { rolloutStageKinds } from '../domain/rollout-stage.ts';
import { mergeWarnings, toStoredWarning, type StoredWarning } from '../domain/verification-warning.ts';
import type { RolloutFacts } from '../policies/rollout-facts.ts';
import { isShortened, stopsUnderRollout } from '../policies/rollout-stops.ts';
import type { StoredVerdicts } from '../policies/stored-verdicts.ts';
import { ownerIdOf } from './key-row.ts';
import type { KeyForReview } from './read-keys-for-review.ts';
import type { AnnouncedChanges } from './write-warnings.ts';

const none: AnnouncedChanges = { warnings: [], brownouts: [] };

/**
 * Returns what the open rollouts of a realm announce on a key whose verdicts are given: from the stage WARN on, a warning if the new
 * revision will stop the key earlier; and the brownouts in which the key is enrolled.
 */
export function announcedChangesOf(
  key: KeyForReview,
  verdicts: StoredVerdicts,
  rollouts: readonly RolloutFacts[],
  now: Date,
): AnnouncedChanges {
  const open = rollouts.filter(isOpenRollout);
  if (open.length === 0) return none;
  const warnings: StoredWarning[] = [];
  const brownouts: KeyBrownout[] = [];
  for (const rollout of open) {
    const stops = stopsUnderRollout(key.chosenExpiresAt, key.realm, verdicts, rollout);
    if (stops === null || stops.to === null || !isShortened(stops)) continue;
    if (hasReached(rollout, 'WARN')) {
      warnings.push(toStoredWarning(stops.from === null ? 'WILL_STOP' : 'WILL_STOP_SOONER', stops.to));
    }
    const ahead = brownoutsOf(rollout, key, now);
    warnings.push(...ahead.slice(0, 1).map(({ from }) => toStoredWarning('BROWNOUT_AHEAD', new Date(from))));
    if (rollout.state === 'RUNNING' && stageOf(rollout).kind === 'BROWNOUT') brownouts.push(...ahead);
  }
  const held = (key.brownouts ?? []) as unknown as readonly KeyBrownout[];
  // A brownout that has begun and is not on the key was not announced there in time, or has ended.
  const onTime = limitBrownouts(brownouts).filter(
    ({ rolloutId, from }) =>
      from > now.getTime() || held.some((one) => one.rolloutId === rolloutId && one.from === from),
  );
  return { warnings: mergeWarnings(warnings), brownouts: onTime };
}

/** Whether the present stage of a rollout is one of a kind, or a later one. */
function hasReached(rollout: RolloutFacts, kind: (typeof rolloutStageKinds)[number]): boolean {
  return rolloutStageKinds.indexOf(stageOf(rollout).kind) >= rolloutStageKinds.indexOf(kind);
}

/** Returns the brownouts of a rollout that will refuse a key, if its manager enrolled it. */
function brownoutsOf(rollout: RolloutFacts, key: KeyForReview, now: Date): readonly KeyBrownout[] {
  const consent = rollout.members.findBrownoutConsent(key.id, ownerIdOf(key));
  if (consent === null || rollout.after === null) return [];
  const starts = rollout.stages.flatMap(({ kind, windows }) => (kind === 'BROWNOUT' ? windows : []));
  const planned = toBrownoutWindows(starts.map((start) => new Date(start)));
  const { noticeMs } = rollout.after;
  // On a key that was issued after the enrolment, at its issue.
  const announcement = { announcedAt: latest(consent.enrolledAt, key.createdAt), noticeMs, freezes: key.realm.freezes };
  return brownoutsFor(planned, announcement, now).map(({ from, to }) => {
    return { rolloutId: rollout.id, from, to, consumers: consent.consumers };
  });
}
