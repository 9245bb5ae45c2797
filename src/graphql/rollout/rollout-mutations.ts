import { advanceRollout } from '../../rollouts/advance.ts';
import { pauseRollout, resumeRollout } from '../../rollouts/pause.ts';
import { undoRollout } from '../../rollouts/undo.ts';
import { mutation } from '../mutation.ts';
import { rolloutField } from './rollout-success.ts';

mutation('advanceRollout', {
  description:
    'Begins the next stage of a rollout, or ends it after the last one, if no gate is open. Needed only where a person decides: an INCONCLUSIVE rollout, or a stage that reaches so many keys that a second administrator must begin it. Administrators only.',
  input: {
    description: 'Which rollout is to go on, and why.',
    fields: (t) => ({
      rolloutId: t.id({ required: true, description: 'The rollout whose next stage begins.' }),
      reason: t.string(),
    }),
  },
  useCase: advanceRollout,
  toInput: ({ rolloutId, reason }) => ({ rolloutId, reason: reason ?? null }),
  failures: ['RolloutNotFound', 'RolloutStateMismatch', 'RolloutGateOpen'],
  success: { description: 'The next stage has begun, or the rollout is done.', fields: rolloutField },
});

mutation('pauseRollout', {
  description:
    'Pauses a rollout: no further stage begins until it is resumed. What is in force stays in force. Administrators only.',
  input: {
    description: 'Which rollout to pause, and why.',
    fields: (t) => ({
      rolloutId: t.id({ required: true, description: 'The rollout to pause.' }),
      reason: t.string(),
    }),
  },
  useCase: pauseRollout,
  toInput: ({ rolloutId, reason }) => ({ rolloutId, reason: reason ?? null }),
  failures: ['RolloutNotFound', 'RolloutStateMismatch'],
  success: { description: 'The rollout is PAUSED.', fields: rolloutField },
});

mutation('resumeRollout', {
  description:
    'Lets a PAUSED rollout go on, or an INCONCLUSIVE one run its stage again. The breakages of its budget count from now on. Refused while keys still return from a stage that was undone. Administrators only.',
  input: {
    description: 'Which rollout to resume, and why.',
    fields: (t) => ({
      rolloutId: t.id({ required: true, description: 'The rollout to resume.' }),
      reason: t.string(),
    }),
  },
  useCase: resumeRollout,
  toInput: ({ rolloutId, reason }) => ({ rolloutId, reason: reason ?? null }),
  failures: ['RolloutNotFound', 'RolloutStateMismatch', 'RolloutGateOpen'],
  success: { description: 'The rollout goes on.', fields: rolloutField },
});

mutation('undoRollout', {
  description:
    'Undoes a rollout that is not done. The revision before is in force again at once, and all keys are reviewed: a stop that the rollout moved returns. Keys that ended under the rollout alone work again. What persons and other policies did since stays. Administrators only.',
  input: {
    description: 'Which rollout to undo, and why.',
    fields: (t) => ({
      rolloutId: t.id({ required: true, description: 'The rollout to undo.' }),
      reason: t.string(),
    }),
  },
  useCase: undoRollout,
  toInput: ({ rolloutId, reason }) => ({ rolloutId, reason: reason ?? null }),
  failures: ['RolloutNotFound', 'RolloutStateMismatch'],
  success: {
    description: 'The rollout is UNDONE. Its progress says how many keys have been reviewed since.',
    fields: rolloutField,
  },
});
