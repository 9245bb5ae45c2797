import { parseDuration } from '../../../domain/duration.ts';
import type { RolloutEvent } from './rollout-history-query.ts';
import { isOpen, type RolloutDetails, type ShownStage } from './rollout-query.ts';

/** A stage, and where it stands in the course of its rollout. */
export interface DatedStage {
  readonly stage: ShownStage;
  readonly place: 'PAST' | 'PRESENT' | 'FUTURE' | 'NEVER';
  /** When it began, or for a stage ahead when it begins at the earliest; null: not known. */
  readonly at: string | null;
  /** How much of its least time is over: 0 to 1. */
  readonly share: number;
}

type CoursedRollout = Pick<RolloutDetails, 'state' | 'stages' | 'stage' | 'stageSince' | 'nextStageAt' | 'createdAt'>;

/** Returns when each stage began, or begins at the earliest if no gate holds it longer than the least times. */
export function dateStages(rollout: CoursedRollout, events: readonly RolloutEvent[], now: Date): DatedStage[] {
  const { stages, stage: present, state, nextStageAt } = rollout;
  // A rollout that is paused, or waits for a person, has no date ahead.
  let next =
    nextStageAt === null || state === 'PAUSED' || state === 'INCONCLUSIVE'
      ? null
      : Math.max(Date.parse(nextStageAt), now.getTime());
  return stages.map((stage, index): DatedStage => {
    const number = index + 1;
    if (number <= present) {
      const isPresent = number === present && isOpen(rollout);
      const at = isPresent ? rollout.stageSince : beginOf(number, rollout, events);
      const share = isPresent ? shareOver(rollout, now) : 1;
      return { stage, place: isPresent ? 'PRESENT' : 'PAST', at, share };
    }
    if (!isOpen(rollout)) return { stage, place: 'NEVER', at: null, share: 0 };
    const at = next === null ? null : new Date(next).toISOString();
    if (next !== null) next += msOf(stage.leastTime);
    return { stage, place: 'FUTURE', at, share: 0 };
  });
}

function beginOf(number: number, { createdAt }: CoursedRollout, events: readonly RolloutEvent[]): string | null {
  const began = events.findLast(({ type, stage }) => type === 'ROLLOUT_STAGE_BEGAN' && stage === number);
  return began?.at ?? (number === 1 ? createdAt : null);
}

function shareOver({ stages, stage, stageSince }: CoursedRollout, now: Date): number {
  const least = msOf(stages[stage - 1]?.leastTime ?? 'PT0S');
  const over = now.getTime() - Date.parse(stageSince);
  return least === 0 ? 1 : Math.min(1, Math.max(0, over / least));
}

/** Returns a duration of the gateway in ms. */
export function msOf(duration: string): number {
  const read = parseDuration(duration);
  return 'ms' in read ? read.ms : 0;
}
