import { addMs, hasCome, latest } from './key.ts';
import { hashPosition } from './cohort.ts';
import { DAY_MS } from './duration.ts';
import { isInForceIn, isShownIn, type RolloutStage } from './rollout-stage.ts';

/**
 * - PROPOSED: in its stage COMMENT
 * - RUNNING: in a later stage
 * - PAUSED: by a person, or because its budget was used up; the stage stays
 * - INCONCLUSIVE: too little was used to know whether the stage breaks anything; a person decides
 * - UNDONE: the revision before is in force again
 * - DONE: the binding has the new revision
 */
export const rolloutStates = ['PROPOSED', 'RUNNING', 'PAUSED', 'INCONCLUSIVE', 'UNDONE', 'DONE'] as const;

export type RolloutState = (typeof rolloutStates)[number];

/** What became of a request for an exception. */
export const rolloutExceptionStates = ['ASKED', 'GRANTED', 'REFUSED', 'ENDED'] as const;

export type RolloutExceptionState = (typeof rolloutExceptionStates)[number];

/** The longest exception (rule 48), in days. */
export const EXCEPTION_DAYS_MAX = 365;

/** How long an unanswered objection holds its stage (rule 46), in days. */
export const OBJECTION_DAYS = 14;

/** How far a rollout has come. */
export interface RolloutProgress {
  readonly state: RolloutState;
  readonly stages: readonly RolloutStage[];
  /** The place of the present stage in `stages`, and since when it has run; pauses do not count. */
  readonly stage: number;
  readonly stageSince: Date;
  readonly pausedAt: Date | null;
  /** Whether it is paused because its budget was used up. */
  readonly isOverBudget: boolean;
  /** The notice period of the new revision. 0: a stage stops keys at once, or the rollout removes a binding and stops none. */
  readonly noticeMs: number;
}

/** How long a stage goes on after its first keys can have stopped, so that the budget counts what that breaks. */
export const FIRST_STOPS_MS = DAY_MS;

/** What keeps the next stage from beginning: an open gate. */
export const rolloutGates = ['LEAST_TIME', 'OBJECTIONS', 'BUDGET', 'EVIDENCE', 'SECOND_PERSON'] as const;

export type RolloutGate = (typeof rolloutGates)[number];

/** What gates depend on, besides time. */
export interface GateFacts {
  /** Objections without a reply that are younger than 14 days. */
  readonly openObjections: number;
  readonly isOverBudget: boolean;
  /** Whether enough of what the stage touches was used to know whether it breaks anything. */
  readonly hasEvidence: boolean;
  /** Whether the next stage puts the new revision in force for so many keys that a second person must begin it. */
  readonly needsSecondPerson: boolean;
}

/** Whether a rollout is neither undone nor done. */
export function isOpenRollout({ state }: Pick<RolloutProgress, 'state'>): boolean {
  return state !== 'UNDONE' && state !== 'DONE';
}

/** Returns the present stage. */
export function stageOf({ stages, stage }: Pick<RolloutProgress, 'stages' | 'stage'>): RolloutStage {
  const present = stages[stage];
  if (present === undefined) throw new RangeError(`stage ${stage} of ${stages.length}`);
  return present;
}

/** Returns the progress of a new rollout: its first stage begins at once. */
export function proposeStages(stages: readonly RolloutStage[], noticeMs: number, now: Date): RolloutProgress {
  const first = { state: 'PROPOSED', stage: 0, stageSince: now, pausedAt: null, isOverBudget: false } as const;
  return enterStage({ ...first, stages, noticeMs }, now);
}

/**
 * Returns how long a stage runs at least, in ms. One that stops keys after a notice period runs for a day longer than that, whatever
 * its own least time is: before, none of its keys has stopped, and nothing is known about what it breaks.
 */
export function leastMsOf(stage: RolloutStage, noticeMs: number): number {
  const stopsMs = isInForceIn(stage) && noticeMs > 0 ? noticeMs + FIRST_STOPS_MS : 0;
  return Math.max(stage.atLeastMs, stopsMs);
}

/** Returns when the least time of the present stage is over. */
export function leastTimeEnd(progress: RolloutProgress): Date {
  return addMs(progress.stageSince, leastMsOf(stageOf(progress), progress.noticeMs));
}

/** Returns the gates that keep the next stage from beginning; empty: it may begin. */
export function openGates(progress: RolloutProgress, facts: GateFacts, now: Date): readonly RolloutGate[] {
  const next = progress.stages[progress.stage + 1];
  const isOpen: Record<RolloutGate, boolean> = {
    LEAST_TIME: !hasCome(leastTimeEnd(progress), now),
    OBJECTIONS: facts.openObjections > 0,
    BUDGET: facts.isOverBudget,
    EVIDENCE: isInForceIn(stageOf(progress)) && next !== undefined && !facts.hasEvidence,
    SECOND_PERSON: next !== undefined && isInForceIn(next) && facts.needsSecondPerson,
  };
  return rolloutGates.filter((gate) => isOpen[gate]);
}

/** What an open rollout does by itself. */
export type RolloutStep = 'WAIT' | 'ADVANCE' | 'HALT' | 'ASK';

/**
 * Decides what a rollout does by itself: over its budget it halts, also while it waits for a person, as its stage stays in force;
 * it advances when no gate is open; if evidence is lacking, and all else but a second person is there, it asks a person
 * (INCONCLUSIVE).
 */
export function nextStep(progress: RolloutProgress, facts: GateFacts, now: Date): RolloutStep {
  if (!mayStep(progress)) return 'WAIT';
  if (facts.isOverBudget) return 'HALT';
  if (progress.state !== 'PROPOSED' && progress.state !== 'RUNNING') return 'WAIT';
  const gates = openGates(progress, facts, now);
  if (gates.length === 0) return 'ADVANCE';
  const isForPersons = gates.every((gate) => gate === 'EVIDENCE' || gate === 'SECOND_PERSON');
  return isForPersons && gates.includes('EVIDENCE') ? 'ASK' : 'WAIT';
}

/** Whether a rollout may do anything by itself: it is open, and has not halted. */
export function mayStep({ state, isOverBudget }: Pick<RolloutProgress, 'state' | 'isOverBudget'>): boolean {
  return isOpenRollout({ state }) && !(state === 'PAUSED' && isOverBudget);
}

/**
 * Begins the next stage, or ends the rollout after the last one. `gates`: those that are open. A person may decide that the
 * evidence of an INCONCLUSIVE rollout is enough; no other gate can be passed while it is open.
 *
 * @throws RangeError if a gate is open, or the rollout is not PROPOSED, RUNNING or INCONCLUSIVE.
 */
export function beginNextStage(progress: RolloutProgress, gates: readonly RolloutGate[], now: Date): RolloutProgress {
  if (!mayAdvance(progress, gates)) throw new RangeError(`rollout ${progress.state}: ${gates.join()}`);
  const { stages, stage } = progress;
  if (stage + 1 === stages.length) return { ...progress, state: 'DONE', pausedAt: null };
  return enterStage({ ...progress, stage: stage + 1 }, now);
}

/** Whether the next stage may begin, given the open gates. */
export function mayAdvance({ state }: Pick<RolloutProgress, 'state'>, gates: readonly RolloutGate[]): boolean {
  if (state === 'INCONCLUSIVE') return gates.every((gate) => gate === 'EVIDENCE');
  return (state === 'PROPOSED' || state === 'RUNNING') && gates.length === 0;
}

/** Marks a rollout as inconclusive: a person decides whether it advances, runs its stage again or is undone. */
export function markInconclusive(progress: RolloutProgress): RolloutProgress {
  return { ...progress, state: 'INCONCLUSIVE' };
}

/** Pauses a rollout. Its stage stays: what is in force stays in force. */
export function pauseProgress(progress: RolloutProgress, now: Date): RolloutProgress {
  return { ...progress, state: 'PAUSED', pausedAt: now };
}

/**
 * Halts a rollout that is over its budget: pauses it and undoes its last stage that put the new revision in force. The
 * stage before runs again from its beginning when a person resumes the rollout.
 */
export function haltProgress(progress: RolloutProgress, now: Date): RolloutProgress {
  const stage = isInForceIn(stageOf(progress)) ? Math.max(0, progress.stage - 1) : progress.stage;
  return { ...progress, state: 'PAUSED', stage, stageSince: now, pausedAt: now, isOverBudget: true };
}

/** Resumes a paused rollout, or lets an inconclusive one run its stage again. The time of a pause does not count. */
export function resumeProgress(progress: RolloutProgress, now: Date): RolloutProgress {
  const { state, stageSince, pausedAt } = progress;
  const since = state === 'INCONCLUSIVE' ? now : addMs(stageSince, now.getTime() - (pausedAt ?? now).getTime());
  return { ...enterStage(progress, since), stageSince: since };
}

/** Undoes a rollout. It is always possible until the rollout is done. */
export function undoProgress(progress: RolloutProgress): RolloutProgress {
  return { ...progress, state: 'UNDONE', pausedAt: null };
}

function enterStage(progress: RolloutProgress, since: Date): RolloutProgress {
  const state = stageOf(progress).kind === 'COMMENT' ? 'PROPOSED' : 'RUNNING';
  return { ...progress, state, stageSince: since, pausedAt: null, isOverBudget: false };
}

/** What places a key in a rollout. */
export interface RolloutMember {
  /** The key's owner at the proposal, or at its issue if that was later. */
  readonly ownerId: string;
  /** The stored position of an owner with many keys; null: the hash says it. */
  readonly position: number | null;
  /** Whether the key's owner requested the new revision from the first cohort on. */
  readonly isEnrolled: boolean;
  /** Until then the revision before stays in force for the key; null: it has no exception. */
  readonly exceptUntil: Date | null;
}

/** What decides for which keys the new revision is in force. */
export interface RolloutReach extends Pick<RolloutProgress, 'state' | 'stages' | 'stage'> {
  readonly threshold: number;
  readonly salt: Uint8Array;
}

/** Whether the new revision is in force for a key, apart from exceptions. */
export function isReached({ state, stages, stage, threshold, salt }: RolloutReach, member: RolloutMember): boolean {
  if (state === 'UNDONE') return false;
  if (state === 'DONE') return true;
  const { kind } = stageOf({ stages, stage });
  if (kind === 'ENFORCED') return true;
  if (kind !== 'COHORT') return false;
  return member.isEnrolled || (member.position ?? hashPosition(salt, member.ownerId)) < threshold;
}

/**
 * Which revision applies to a key.
 *
 * - BEFORE: the revision before
 * - AFTER: the new revision
 * - UNTIL: the revision before, and the new one with no stop before the end of the exception
 */
export type RevisionRole = 'BEFORE' | 'AFTER' | 'UNTIL';

/** Decides which revision is in force for a key at a moment. An exception never outlives its end. */
export function roleOf(rollout: RolloutReach, member: RolloutMember, now: Date): RevisionRole {
  if (!isReached(rollout, member)) return 'BEFORE';
  return member.exceptUntil === null || hasCome(member.exceptUntil, now) ? 'AFTER' : 'UNTIL';
}

/** Whether the new revision is shown for keys for which it is not in force. */
export function isShown({ state, stages, stage }: Pick<RolloutProgress, 'state' | 'stages' | 'stage'>): boolean {
  return state !== 'UNDONE' && state !== 'DONE' && isShownIn(stageOf({ stages, stage }));
}

/** Returns the later end of two exceptions; null is none. */
export function laterEnd(one: Date | null, other: Date | null): Date | null {
  return one === null || other === null ? (one ?? other) : latest(one, other);
}

/** How much a rollout may break. */
export interface RolloutBudget {
  readonly owners: number;
  /** A share of the consumers of the cohort. Null: none. */
  readonly share: number | null;
}

/** Whether more owners broke than the budget allows: its number of owners, or its share of the consumers if that is more. */
export function exceedsBudget(
  { owners, share }: RolloutBudget,
  broken: { readonly owners: number; readonly consumers: number },
): boolean {
  return broken.owners > Math.max(owners, Math.floor((share ?? 0) * broken.consumers));
}
