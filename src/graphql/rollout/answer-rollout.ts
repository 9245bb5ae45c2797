import { answerRollout, type RolloutAnswered } from '../../rollouts/answer.ts';
import { decideException } from '../../rollouts/decide-exception.ts';
import { replyToAnswer } from '../../rollouts/reply.ts';
import { mutation, type SuccessFields } from '../mutation.ts';
import { RolloutAnswerKindEnum } from './rollout-enums.ts';
import { RolloutRef } from './rollout.ts';

/** Builds the fields of a mutation about an answer: the rollout after the change, and the id of the answer. */
function answerFields(t: SuccessFields<RolloutAnswered>) {
  return {
    rollout: t.prismaField({
      type: RolloutRef,
      description: 'The rollout after the change.',
      resolve: (query, { rolloutId }, _args, { services }) =>
        services.prisma.rollout.findUniqueOrThrow({ ...query, where: { id: rolloutId } }),
    }),
    answerId: t.id({
      description: 'The answer that was given, decided or replied to.',
      resolve: ({ answerId }) => answerId,
    }),
  };
}

mutation('answerRollout', {
  description:
    'Answers a rollout in the name of an owner whose keys it touches. Accounts answer for themselves and for organizations in which they are OWNER or ADMIN; keys with keytide:manage for the subjects of their realm. An owner gives at most 10 answers an hour, and 50 to a rollout.',
  input: {
    description: 'An owner’s answer to a rollout.',
    fields: (t) => ({
      rolloutId: t.id({ required: true, description: 'The rollout to answer.' }),
      kind: t.field({ type: RolloutAnswerKindEnum, required: true, description: 'What the owner says.' }),
      owner: t.id({
        description:
          'The account, organization or subject that answers. Default: the owner of keyIds, else the caller itself.',
      }),
      text: t.string({
        description:
          'For people: at most 2,000 characters. It is shown as text, never as markup. Required for COMMENT, OBJECT and ASK_EXCEPTION.',
      }),
      isPublic: t.boolean({
        description: 'COMMENT: whether all whom the rollout touches see the text, without its author. Default: false.',
      }),
      keyIds: t.idList({
        description: 'ENROLL and ASK_EXCEPTION: only these keys of the owner, at most 100. Default: all of its keys.',
      }),
      until: t.field({
        type: 'DateTime',
        description: 'ASK_EXCEPTION, and required: when the exception ends, at most 365 days ahead.',
      }),
      brownout: t.boolean({
        description: 'ENROLL: whether announced brownouts refuse the keys in their windows. Default: false.',
      }),
      consumers: t.stringList({
        description:
          'ENROLL with brownout: the consumers that may be refused, at most 20. The first refusal of any other consumer, or of one without a label, ends the brownout of its key, within 20 seconds of when the gateway learns of it: KEY_BROWNOUT_ENDED. Default: none, so that the first refusal ends it.',
      }),
    }),
  },
  useCase: answerRollout,
  toInput: ({ rolloutId, kind, owner, text, isPublic, keyIds, until, brownout, consumers }) => ({
    rolloutId,
    kind,
    owner: owner ?? null,
    text: text ?? null,
    isPublic: isPublic ?? false,
    keyIds: keyIds ?? [],
    until: until ?? null,
    takesBrownouts: brownout ?? false,
    consumers: consumers ?? [],
  }),
  failures: ['RolloutNotFound', 'RolloutStateMismatch', 'KeyNotFound'],
  success: { description: 'The rollout has the answer.', fields: answerFields },
});

mutation('decideException', {
  description:
    'Grants or refuses an exception that an owner requested. A granted one keeps the revision before in force for its keys, for the binding of the rollout alone, until its end. Administrators only.',
  input: {
    description: 'What an administrator decides about an exception.',
    fields: (t) => ({
      exceptionId: t.id({ required: true, description: 'The exception, of Rollout.exceptions.' }),
      grant: t.boolean({ required: true, description: 'Whether the exception is granted.' }),
      until: t.field({
        type: 'DateTime',
        description: 'When it ends, if that is earlier than the owner requested. Default: as the owner requested.',
      }),
      text: t.string({ required: true, description: 'For the owner: at most 2,000 characters.' }),
    }),
  },
  useCase: decideException,
  toInput: ({ exceptionId, grant, until, text }) => ({ exceptionId, isGranted: grant, until: until ?? null, text }),
  failures: ['RolloutAnswerNotFound', 'RolloutStateMismatch'],
  success: { description: 'The exception was granted or refused.', fields: answerFields },
});

mutation('replyToAnswer', {
  description:
    'Replies to an owner’s answer to a rollout, in writing. All whom the rollout touches see the reply. A reply to an objection lets the rollout go on. A further reply replaces it. Administrators only.',
  input: {
    description: 'What an administrator replies to an answer.',
    fields: (t) => ({
      answerId: t.id({ required: true, description: 'The answer, of Rollout.answers.' }),
      text: t.string({
        required: true,
        description: 'The reply, for all whom the rollout touches: at most 2,000 characters.',
      }),
    }),
  },
  useCase: replyToAnswer,
  toInput: ({ answerId, text }) => ({ answerId, text }),
  failures: ['RolloutAnswerNotFound'],
  success: { description: 'The answer has the reply.', fields: answerFields },
});
