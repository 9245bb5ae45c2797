import { DAY_MS, formatDuration, parseDuration } from '../../../domain/duration.ts';
import type { RolloutStageInput, RolloutStageKind } from '../../api/operations.ts';
import { WINDOWS_A_DAY, WINDOWS_MAX } from './rollout-limits.ts';

/** A stage as it is typed. */
export interface StageDraft {
  /** Tells the drafts apart. */
  readonly id: number;
  readonly kind: RolloutStageKind;
  /** ISO 8601, or as it is typed. */
  readonly atLeast: string;
  /** COHORT: per cent, as it is typed. */
  readonly percent: string;
  /** BROWNOUT: local dates and times. */
  readonly windows: readonly string[];
}

export const stageKinds: readonly RolloutStageKind[] = ['COMMENT', 'SHADOW', 'WARN', 'BROWNOUT', 'COHORT', 'ENFORCED'];

/** How much longer than the notice a stage runs in which keys stop. */
const AFTER_NOTICE_MS = 15 * DAY_MS;

let lastId = 0;

/** Returns a new stage with the least time that fits the notice. */
export function newStage(kind: RolloutStageKind, noticeMs: number, percent = ''): StageDraft {
  lastId += 1;
  return { id: lastId, kind, atLeast: leastTimeOf(kind, noticeMs), percent, windows: [] };
}

/** Returns the stages that a proposal begins with. */
export function usualDrafts(noticeMs: number): readonly StageDraft[] {
  return [
    newStage('COMMENT', noticeMs),
    newStage('SHADOW', noticeMs),
    newStage('WARN', noticeMs),
    newStage('COHORT', noticeMs, '5'),
    newStage('COHORT', noticeMs, '50'),
    newStage('ENFORCED', noticeMs),
  ];
}

function leastTimeOf(kind: RolloutStageKind, noticeMs: number): string {
  switch (kind) {
    case 'COMMENT':
    case 'WARN':
      return 'P14D';
    case 'SHADOW':
      return 'P7D';
    case 'BROWNOUT':
      return formatDuration(noticeMs + 7 * DAY_MS);
    case 'COHORT':
    case 'ENFORCED':
      return formatDuration(noticeMs + AFTER_NOTICE_MS);
  }
}

/** Returns the stages in their order: cohorts by share. */
export function sortStages(stages: readonly StageDraft[]): readonly StageDraft[] {
  const rank = ({ kind }: StageDraft) => stageKinds.indexOf(kind);
  return stages.toSorted((one, other) => rank(one) - rank(other) || Number(one.percent) - Number(other.percent));
}

/** Returns the stages as the gateway takes them. */
export function stageInputsOf(stages: readonly StageDraft[]): RolloutStageInput[] {
  return sortStages(stages).map(({ kind, atLeast, percent, windows }) => ({
    kind,
    atLeast,
    ...(kind === 'COHORT' && { share: Number(percent) / 100 }),
    ...(kind === 'BROWNOUT' && { windows: windows.toSorted().map((at) => new Date(at).toISOString()) }),
  }));
}

/** Returns what is wrong with the stages, for people; null: nothing that the form sees. */
export function problemOfStages(stages: readonly StageDraft[], noticeMs: number, now: Date): string | null {
  const sorted = sortStages(stages);
  if (!sorted.some(({ kind }) => kind !== 'COHORT' && kind !== 'ENFORCED')) {
    return 'Choose at least one stage in which nothing stops: if the rollout stops itself, it returns there.';
  }
  const shares = sorted.filter(({ kind }) => kind === 'COHORT').map(({ percent }) => Number(percent));
  if (shares.some((share, index) => share === shares[index - 1])) return 'Two cohorts have the same share.';
  const brownout = sorted.find(({ kind }) => kind === 'BROWNOUT');
  return brownout === undefined ? null : problemOfWindows(brownout.windows, new Date(now.getTime() + noticeMs));
}

function problemOfWindows(windows: readonly string[], soonest: Date): string | null {
  if (windows.length === 0) return 'The stage Brownout needs at least one window.';
  if (windows.length > WINDOWS_MAX) return `Found ${String(windows.length)} windows; at most ${String(WINDOWS_MAX)}.`;
  const instants = windows.map((at) => new Date(at));
  if (instants.some((at) => !(at > soonest))) return 'A window is announced the notice ahead: choose later ones.';
  const days = Map.groupBy(instants, (at) => at.toISOString().slice(0, 10));
  return [...days.values()].some(({ length }) => length > WINDOWS_A_DAY)
    ? `At most ${String(WINDOWS_A_DAY)} windows begin on one day (UTC).`
    : null;
}

/** Returns when a stage begins at the earliest, if the rollout is proposed now. */
export function earliestBegin(stages: readonly StageDraft[], stage: StageDraft, now: Date): Date {
  const sorted = sortStages(stages);
  const before = sorted.slice(
    0,
    sorted.findIndex(({ id }) => id === stage.id),
  );
  return before.reduce((at, { atLeast }) => {
    const read = parseDuration(atLeast);
    return new Date(at.getTime() + ('ms' in read ? read.ms : 0));
  }, now);
}
