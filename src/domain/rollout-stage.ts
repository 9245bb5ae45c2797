import { BROWNOUT_MAX_MS, BROWNOUTS_A_DAY } from './brownout.ts';
import { DAY_MS, formatDuration, YEAR_MS } from './duration.ts';

/**
 * What a stage of a rollout does, in the order of stages.
 *
 * - COMMENT: owners see the proposal and answer it
 * - SHADOW: the new revision is evaluated and shown for all keys, without effect
 * - WARN: as SHADOW, and verifications carry warnings
 * - BROWNOUT: in announced windows, enrolled keys get the refusal that they would get
 * - COHORT: the new revision is in force for a share of the owners
 * - ENFORCED: the new revision is in force for all
 */
export const rolloutStageKinds = ['COMMENT', 'SHADOW', 'WARN', 'BROWNOUT', 'COHORT', 'ENFORCED'] as const;

export type RolloutStageKind = (typeof rolloutStageKinds)[number];

/** A stage of a rollout, as `Rollout.stages` stores it. */
export interface RolloutStage {
  readonly kind: RolloutStageKind;
  /** The least time that the stage runs before the next one begins, in ms. */
  readonly atLeastMs: number;
  /** COHORT: the largest share of owners, and of their keys, for which the new revision is in force. Else null. */
  readonly share: number | null;
  /** BROWNOUT: when the windows begin, in ms since 1970. Else empty. */
  readonly windows: readonly number[];
  /** COHORT, once it has begun: the new revision is in force for owners whose position is less. */
  readonly threshold?: number;
  /** Once it has begun: how much of the budget of the brake the stages before it had used. */
  readonly brakeUsed?: number;
}

/** At least one before ENFORCED. */
const STAGES_MIN = 2;
const STAGES_MAX = 20;
const WINDOWS_MAX = 20;

/** Whether the new revision is in force for any key in a stage. */
export function isInForceIn({ kind }: Pick<RolloutStage, 'kind'>): boolean {
  return kind === 'COHORT' || kind === 'ENFORCED';
}

/** Returns the largest share of the keys for which the new revision is in force in a stage. */
export function reachedShare({ kind, share }: Pick<RolloutStage, 'kind' | 'share'>): number {
  return kind === 'ENFORCED' ? 1 : (share ?? 0);
}

/** Whether the new revision is evaluated and shown in a stage for keys for which it is not in force. */
export function isShownIn({ kind }: Pick<RolloutStage, 'kind'>): boolean {
  return kind !== 'COMMENT';
}

/**
 * Returns what is wrong with the stages of a proposal; null: nothing. Stages are in the order of their kinds, only COHORT
 * repeats, with rising shares, and the last one is ENFORCED. The first one only shows the new revision, so that there is a stage
 * to return to when the rollout halts. Brownout windows are announced the notice period ahead.
 */
export function stagesProblem(stages: readonly RolloutStage[], noticeMs: number, now: Date): string | null {
  if (stages.length < STAGES_MIN || stages.length > STAGES_MAX) {
    return `found ${stages.length} stages; expected ${STAGES_MIN} to ${STAGES_MAX}`;
  }
  if (stages.at(-1)?.kind !== 'ENFORCED') return `found ${stages.at(-1)?.kind} as the last stage; expected ENFORCED`;
  for (const [index, stage] of stages.entries()) {
    const previous = stages[index - 1];
    const problem = orderProblem(stage, previous) ?? stageProblem(stage, noticeMs, now);
    if (problem !== null) return `stage ${index + 1}: ${problem}`;
  }
  const [first] = stages;
  if (first !== undefined && isInForceIn(first)) {
    return `found ${first.kind} as the first stage; expected one before it in which nothing is in force`;
  }
  const shares = stages.flatMap(({ share }) => share ?? []);
  const falling = shares.findIndex((share, index) => index > 0 && share <= (shares[index - 1] ?? 0));
  return falling === -1
    ? null
    : `found the share ${shares[falling]} after ${shares[falling - 1]}; expected rising shares`;
}

function orderProblem({ kind }: RolloutStage, previous: RolloutStage | undefined): string | null {
  if (previous === undefined) return null;
  const [rank, before] = [rolloutStageKinds.indexOf(kind), rolloutStageKinds.indexOf(previous.kind)];
  if (rank > before || (rank === before && kind === 'COHORT')) return null;
  return `found ${kind} after ${previous.kind}; expected the order ${rolloutStageKinds.join(', ')}, in which only COHORT repeats`;
}

function stageProblem({ kind, atLeastMs, share, windows }: RolloutStage, noticeMs: number, now: Date): string | null {
  if (atLeastMs > YEAR_MS) {
    return `atLeast: found ${formatDuration(atLeastMs)}; expected at most ${formatDuration(YEAR_MS)}`;
  }
  if (kind === 'COHORT' ? share === null || !(share > 0 && share < 1) : share !== null) {
    return kind === 'COHORT'
      ? `share: found ${share}; expected more than 0 and less than 1`
      : 'share: only a COHORT has one';
  }
  if (kind !== 'BROWNOUT') return windows.length === 0 ? null : 'windows: only a BROWNOUT has windows';
  return windowsProblem(windows, now.getTime() + noticeMs);
}

function windowsProblem(windows: readonly number[], soonest: number): string | null {
  if (windows.length === 0 || windows.length > WINDOWS_MAX) {
    return `windows: found ${windows.length}; expected 1 to ${WINDOWS_MAX}`;
  }
  if (windows.some((at) => at < soonest)) {
    return `windows: found one before ${new Date(soonest).toISOString()}; expected windows after the notice period`;
  }
  if (windows.some((at, index) => index > 0 && at < (windows[index - 1] ?? 0) + BROWNOUT_MAX_MS)) {
    return `windows: found windows that overlap or are out of order; each lasts ${formatDuration(BROWNOUT_MAX_MS)}`;
  }
  const days = windows.map((at) => Math.floor(at / DAY_MS));
  return days.some((day) => days.filter((other) => other === day).length > BROWNOUTS_A_DAY)
    ? `windows: found more than ${BROWNOUTS_A_DAY} on a day (UTC)`
    : null;
}
