import { always, choice, nullable } from './event-field.ts';
import { rolloutStageKinds } from './rollout-stage.ts';

const base = {
  rolloutId: always('id', 'The rollout that the event is about.'),
  bindingId: always('id', 'The binding that the rollout changes, or makes.'),
  title: always('text', 'The title of the rollout.'),
};

const stage = {
  ...base,
  stage: always('integer', 'The number of the stage, from 1.'),
  stageKind: always(choice('RolloutStageKind', rolloutStageKinds), 'What the stage does.'),
};

/** The fields of `data` of the events of rollouts. */
export const rolloutEventFields = {
  ROLLOUT_PROPOSED: {
    ...base,
    policy: always('text', 'The name of the policy module.'),
    stageCount: always('integer', 'How many stages the rollout has.'),
    previewedCount: always('integer', 'How many stops come earlier in the preview of the change.'),
  },
  ROLLOUT_STAGE_BEGAN: stage,
  ROLLOUT_PAUSED: {
    ...stage,
    isOverBudget: always('boolean', 'Whether the rollout used up its budget, so that its last stage is undone.'),
  },
  ROLLOUT_RESUMED: stage,
  ROLLOUT_INCONCLUSIVE: stage,
  ROLLOUT_UNDONE: stage,
  ROLLOUT_ENDED: {
    ...base,
    bindingRevision: nullable('integer', 'The revision that the binding has. Null: the rollout was undone.'),
    restoredCount: always('integer', 'How many keys that had ended under the rollout work again.'),
  },
} as const;
