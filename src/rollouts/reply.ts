import type { Rollout, RolloutAnswer } from '../../prisma/generated/client/client.ts';
import { checkLongText } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { may } from '../domain/permission.ts';
import { ANSWER_TEXT_MAX } from '../domain/rollout-answer.ts';
import { useCase } from '../log/use-case.ts';
import type { RolloutAnswered } from './answer.ts';
import { answerNotFound } from './decide-exception.ts';
import { lockRollout } from './lock-rollout.ts';

export interface ReplyToAnswerInput {
  readonly answerId: string;
  readonly text: string;
}

/**
 * Replies to an owner's answer, in writing: a reply to an objection lets the rollout go on. All whom the rollout touches see the reply.
 * A further reply replaces it.
 */
export const replyToAnswer = useCase<
  ReplyToAnswerInput,
  { readonly rollout: Rollout; readonly answer: RolloutAnswer },
  RolloutAnswered
>()({
  name: 'replyToAnswer',

  async authorize({ tx }, caller, { answerId, text }) {
    checkLongText('text', text, ANSWER_TEXT_MAX);
    const found = await tx.rolloutAnswer.findUnique({ where: { id: answerId }, include: { rollout: true } });
    if (found === null || !may(caller, 'realm.manage', { realmId: found.rollout.realmId })) {
      return answerNotFound('answerId');
    }
    const rollout = await lockRollout(tx, found.rolloutId);
    return { rollout, answer: await tx.rolloutAnswer.findUniqueOrThrow({ where: { id: answerId } }) };
  },

  async run(change, caller, { text }, { rollout, answer }) {
    const now = change.now();
    const by = caller.kind === 'ACCOUNT' ? { repliedById: caller.id, repliedByName: caller.name } : {};
    await change.tx.rolloutAnswer.update({
      where: { id: answer.id },
      data: { reply: text, repliedAt: now, ...by },
    });
    const { id: rolloutId, title, realmId } = rollout;
    const data = { rolloutId, title, answerId: answer.id };
    const { ownerId } = answer;
    change.record({ type: 'ROLLOUT_REPLIED', at: now, realmId, ownerId, actor: actorOf(caller), data });
    return { rolloutId, answerId: answer.id };
  },
});
