import { announcedBrownouts, brownoutsLeft, toBrownoutWindows, type KeyBrownout } from '../domain/brownout.ts';
import { latest } from '../domain/key.ts';
import { isOpenRollout, stageOf } from '../domain/rollout.ts';
import { rolloutStageKinds } from '../domain/rollout-stage.ts';
import { mergeWarnings, toStoredWarning, type StoredWarning } from '../domain/verification-warning.ts';
import type { RolloutFacts } from '../policies/rollout-facts.ts';
import { isShortened, stopsUnderRollout } from '../policies/rollout-stops.ts';
import type { StoredVerdicts } from '../policies/stored-verdicts.ts';
import { ownerIdOf, type KeyRow } from './key-row.ts';
import type { AnnouncedChanges } from './write-warnings.ts';

const none: AnnouncedChanges = { warnings: [], brownouts: [] };

/**
 * Returns what the open rollouts of a realm announce on a key whose verdicts are given: from the stage WARN on, a warning if the new
 * revision will stop the key earlier; and the brownouts in which the key is enrolled. A paused rollout announces no brownout.
 */
export function announcedChangesOf(
  key: KeyRow,
  verdicts: StoredVerdicts,
  rollouts: readonly RolloutFacts[],
  now: Date,
): AnnouncedChanges {
  const open = rollouts.filter(isOpenRollout);
  if (open.length === 0) return none;
  const warnings: StoredWarning[] = [];
  const windows: KeyBrownout[] = [];
  const refusing = new Set<string>();
  for (const rollout of open) {
    const stops = stopsUnderRollout(key.chosenExpiresAt, key.realm, verdicts, rollout);
    const willStop = stops !== null && isShortened(stops);
    if (willStop && stops.to !== null && rankOfStage(rollout) >= rankOf('WARN')) {
      warnings.push(toStoredWarning(stops.from === null ? 'WILL_STOP' : 'WILL_STOP_SOONER', stops.to));
    }
    const isAhead = willStop && rollout.state !== 'PAUSED' && rankOfStage(rollout) <= rankOf('BROWNOUT');
    // Those that have begun may have refused the key, and count for the limit of the day.
    windows.push(...brownoutsOf(rollout, key).filter(({ from }) => isAhead || from <= now.getTime()));
    if (isAhead) refusing.add(rollout.id);
  }
  const left = brownoutsLeft(windows, now).filter(({ rolloutId }) => refusing.has(rolloutId));
  const held = (key.brownouts ?? []) as unknown as readonly KeyBrownout[];
  // A brownout that has begun and is not on the key was not announced there in time, or has ended.
  const onTime = left.filter(
    ({ rolloutId, from }) =>
      from > now.getTime() || held.some((one) => one.rolloutId === rolloutId && one.from === from),
  );
  warnings.push(...onTime.slice(0, 1).map(({ from }) => toStoredWarning('BROWNOUT_AHEAD', new Date(from))));
  const running = new Set(open.filter(isInBrownouts).map(({ id }) => id));
  return { warnings: mergeWarnings(warnings), brownouts: onTime.filter(({ rolloutId }) => running.has(rolloutId)) };
}

function isInBrownouts(rollout: RolloutFacts): boolean {
  return rollout.state === 'RUNNING' && stageOf(rollout).kind === 'BROWNOUT';
}

/** Returns the place of a kind of stage among all kinds. */
function rankOf(kind: (typeof rolloutStageKinds)[number]): number {
  return rolloutStageKinds.indexOf(kind);
}

function rankOfStage(rollout: RolloutFacts): number {
  return rankOf(stageOf(rollout).kind);
}

/** Returns the brownouts of a rollout that are announced on a key, if its manager enrolled it; also those that are over. */
function brownoutsOf(rollout: RolloutFacts, key: KeyRow): readonly KeyBrownout[] {
  const starts = rollout.stages.flatMap(({ kind, windows }) => (kind === 'BROWNOUT' ? windows : []));
  if (starts.length === 0 || rollout.after === null) return [];
  const consent = rollout.members.findBrownoutConsent(key.id, ownerIdOf(key));
  if (consent === null) return [];
  const planned = toBrownoutWindows(starts.map((start) => new Date(start)));
  const { noticeMs } = rollout.after;
  // On a key that was issued after the enrolment, at its issue.
  const announcement = { announcedAt: latest(consent.enrolledAt, key.createdAt), noticeMs, freezes: key.realm.freezes };
  return announcedBrownouts(planned, announcement).map(({ from, to }) => {
    return { rolloutId: rollout.id, from, to, consumers: consent.consumers };
  });
}
