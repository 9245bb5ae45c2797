import type { RolloutGate, RolloutStageKind, RolloutState } from '../../api/operations.ts';
import type { RolloutDetails } from './rollout-query.ts';

/** The states of rollouts in a word or two. */
export const rolloutStateWords: Readonly<Record<RolloutState, string>> = {
  PROPOSED: 'Proposed',
  RUNNING: 'Running',
  PAUSED: 'Paused',
  INCONCLUSIVE: 'Inconclusive',
  UNDONE: 'Undone',
  DONE: 'Done',
};

export const stageWords: Readonly<Record<RolloutStageKind, string>> = {
  COMMENT: 'Comment',
  SHADOW: 'Shadow',
  WARN: 'Warn',
  BROWNOUT: 'Brownout',
  COHORT: 'Cohort',
  ENFORCED: 'Enforced',
};

/** What each stage does, and why a rollout has it. */
export const stageSentences: Readonly<Record<RolloutStageKind, string>> = {
  COMMENT: 'Owners see the proposal and answer it. Nothing else happens.',
  SHADOW: 'Each key shows what would happen to it. Nothing stops.',
  WARN: 'As Shadow, and programs that verify keys get a warning.',
  BROWNOUT: 'Keys whose managers want a rehearsal are refused for 15 minutes at a time.',
  COHORT: 'The change is in force for a share of the owners and of their keys.',
  ENFORCED: 'The change is in force for all keys that have no exception.',
};

/** What keeps the next stage from beginning. */
export const gateSentences: Readonly<Record<RolloutGate, string>> = {
  LEAST_TIME: 'The least time of this stage is not over.',
  OBJECTIONS: 'An owner objects. Reply to the objection, or wait until it is 14 days old.',
  BUDGET: 'More owners broke than the budget allows.',
  EVIDENCE: 'Too few of the owners in this cohort used a key to know whether it breaks anything.',
  SECOND_PERSON: 'So many keys stop sooner that another administrator must begin it.',
};

const changeWords: Readonly<Record<RolloutDetails['change'], string>> = {
  BIND: 'binds',
  UPDATE: 'changes',
  UNBIND: 'removes',
};

/** Returns what a rollout does to its binding, as a verb. */
export function verbOfChange(change: RolloutDetails['change']): string {
  return changeWords[change];
}

/** Returns a stage in a few words, such as "Cohort, 5 %". */
export function nameOfStage({ kind, share }: { readonly kind: RolloutStageKind; readonly share: number | null }) {
  return share === null ? stageWords[kind] : `${stageWords[kind]}, ${percent(share)}`;
}

/** Returns a share as per cent, such as "5 %" or "0.1 %". */
export function percent(share: number): string {
  return `${(share * 100).toLocaleString('en', { maximumFractionDigits: 2 })} %`;
}
