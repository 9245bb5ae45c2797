import { always, choice } from './event-field.ts';
import { rolloutAnswerKinds } from './rollout-answer.ts';

const answer = {
  rolloutId: always('id', 'The rollout that the event is about.'),
  title: always('text', 'The title of the rollout.'),
  answerId: always('id', 'The owner’s answer.'),
};

const exception = {
  ...answer,
  exceptionId: always('id', 'The exception that the owner requested.'),
  until: always('instant', 'When the exception ends.'),
};

/** The fields of `data` of the events of owners' answers to rollouts. The texts are in the answers alone. */
export const rolloutAnswerEventFields = {
  ROLLOUT_ANSWERED: {
    ...answer,
    answer: always(choice('RolloutAnswerKind', rolloutAnswerKinds), 'The kind of the answer.'),
  },
  ROLLOUT_REPLIED: answer,
  ROLLOUT_EXCEPTION_GRANTED: exception,
  ROLLOUT_EXCEPTION_REFUSED: exception,
  ROLLOUT_EXCEPTION_ENDED: exception,
} as const;
