import type { FailureRow } from './failure-row.ts';

/** Failures of changes of rollouts, and of bindings that a rollout changes. */
export const rolloutFailures = {
  RolloutNotFound: { code: 'ROLLOUT_NOT_FOUND', retry: 'NEVER', remedy: 'Query the rollouts of the realm.' },
  RolloutStateMismatch: {
    code: 'ROLLOUT_STATE_MISMATCH',
    retry: 'NEVER',
    remedy: 'Query the state of the rollout.',
  },
  RolloutGateOpen: {
    code: 'ROLLOUT_GATE_OPEN',
    retry: 'LATER',
    remedy: 'Wait until the gates are closed: query `waitsFor` of the rollout.',
  },
  RolloutAnswerNotFound: {
    code: 'ROLLOUT_ANSWER_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Query the answers and exceptions of the rollout.',
  },
  BindingBusy: {
    code: 'BINDING_BUSY',
    retry: 'NEVER',
    remedy: 'Undo the rollout, or withdraw the announced change, before you change the binding.',
  },
} as const satisfies Record<string, FailureRow>;
