import type { RolloutChange, RolloutState } from '../../../prisma/generated/client/client.ts';
import type { RolloutAnswerKind } from '../../domain/rollout-answer.ts';
import type { RolloutGate } from '../../domain/rollout.ts';
import type { RolloutStageKind } from '../../domain/rollout-stage.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';

const kinds: Readonly<Record<RolloutStageKind, string>> = {
  COMMENT: 'Owners see the proposal and answer it. Nothing else happens.',
  SHADOW: 'The new revision is evaluated and shown for all keys, without effect.',
  WARN: 'As SHADOW. Verifications also carry warnings.',
  BROWNOUT: 'In announced windows, keys whose manager enrolled them get the refusal that they would get.',
  COHORT: 'The new revision is in force for a share of the owners and their keys, and for owners who enrolled.',
  ENFORCED: 'The new revision is in force for all keys that have no exception.',
};

export const RolloutStageKindEnum = builder.enumType('RolloutStageKind', {
  description: 'What a stage of a rollout does.',
  values: describeValues(kinds),
});

const states: Readonly<Record<RolloutState, string>> = {
  PROPOSED: 'The rollout is in its stage COMMENT.',
  RUNNING: 'The rollout is in a later stage, and advances by itself when no gate is open.',
  PAUSED: 'No stage begins: a person paused the rollout, or its budget is used up. What is in force stays in force.',
  INCONCLUSIVE: 'Too little was used to know whether the stage breaks anything. A person decides.',
  UNDONE: 'The rollout was undone: the revision before is in force.',
  DONE: 'The rollout has ended: the binding has the new revision.',
};

export const RolloutStateEnum = builder.enumType('RolloutState', {
  description: 'How far a rollout has come.',
  values: describeValues(states),
});

const gates: Readonly<Record<RolloutGate, string>> = {
  LEAST_TIME:
    'The least time of the present stage is not over. COHORT and ENFORCED run for at least a day more than the notice period.',
  OBJECTIONS: 'An owner objects: the objection has no reply, and is less than 14 days old.',
  BUDGET: 'More owners broke than the budget allows.',
  EVIDENCE: 'Too few of the reached owners used a key in this stage.',
  SECOND_PERSON:
    'The next stage brings forward so many stops that a second administrator must begin it by advanceRollout.',
};

export const RolloutGateEnum = builder.enumType('RolloutGate', {
  description: 'What keeps the next stage of a rollout from beginning.',
  values: describeValues(gates),
});

const changes: Readonly<Record<RolloutChange, string>> = {
  BIND: 'It binds a policy.',
  UPDATE: 'It changes a binding.',
  UNBIND: 'It removes a binding.',
};

export const RolloutChangeEnum = builder.enumType('RolloutChange', {
  description: 'What a rollout does to its binding.',
  values: describeValues(changes),
});

const answerKinds: Readonly<Record<RolloutAnswerKind, string>> = {
  COMMENT: 'A text for the administrators, and for all whom the rollout touches if the author wants that.',
  OBJECT:
    'A text that keeps the next stage from beginning until an administrator has replied, or 14 days have passed. An owner objects once in a stage.',
  WITHDRAW: 'Takes back the objections, the open requests for exceptions and the enrolment of the owner.',
  ENROLL:
    'The new revision applies from the first cohort on; with brownout: true, announced brownouts refuse the keys in their windows.',
  ASK_EXCEPTION:
    'Asks that the revision before stay in force until a moment, which an administrator grants or refuses.',
};

export const RolloutAnswerKindEnum = builder.enumType('RolloutAnswerKind', {
  description: 'An owner’s answer to a rollout.',
  values: describeValues(answerKinds),
});
