import type { Rollout } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { checkLongText, checkText } from '../domain/check-text.ts';
import { HOUR_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { addMs } from '../domain/key.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden, rateLimited } from '../domain/request-error.ts';
import { isOpenRollout } from '../domain/rollout.ts';
import {
  ANSWER_CONSUMER_MAX,
  ANSWER_TEXT_MAX,
  answerProblem,
  ANSWERS_AN_HOUR,
  ANSWERS_MAX,
  type RolloutAnswerDraft,
} from '../domain/rollout-answer.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { lockOwner } from '../policies/lock-owners.ts';
import type { Transaction } from '../store/core.ts';
import { lockRollout, rolloutMismatch } from './lock-rollout.ts';
import { findTouchedKeys, keysOfOwner } from './touched-keys.ts';
import { writeAnswer } from './write-answer.ts';
import { maySeeRollout } from './visible-rollouts.ts';

export interface AnswerRolloutInput extends RolloutAnswerDraft {
  readonly rolloutId: string;
  /** The account, organization or subject in whose name the answer is. Null: the owner of its keys, else the caller itself. */
  readonly owner: string | null;
}

/** A rollout that is open, and the owner who answers it. */
interface AnsweredRollout {
  readonly rollout: Rollout;
  readonly ownerId: string;
  readonly keyIds: readonly string[];
}

export type RolloutAnswered = { readonly rolloutId: string; readonly answerId: string };

/**
 * Answers a rollout in the name of an owner whom it touches. An account answers for itself and for the organizations that it owns or
 * administers; a key with keytide:manage for subjects of the realm. A portal session answers none.
 *
 * @throws RATE_LIMITED for more answers of an owner than are accepted in an hour, or to one rollout.
 */
export const answerRollout = useCase<AnswerRolloutInput, AnsweredRollout, RolloutAnswered>()({
  name: 'answerRollout',

  async authorize(change, caller, input) {
    const { text, consumers } = input;
    if (text !== null) checkLongText('text', text, ANSWER_TEXT_MAX);
    for (const consumer of consumers) checkText('consumers', consumer, ANSWER_CONSUMER_MAX);
    const problem = answerProblem(input, change.now());
    if (problem !== null) throw badUserInput(`${problem.field}: ${problem.message}.`, ['input', problem.field]);
    return findAnswered(change, caller, input);
  },

  async run(change, caller, input, { rollout, ownerId, keyIds }) {
    if (!isOpenRollout(rollout)) return rolloutMismatch(rollout, 'It has ended, and takes no more answers.');
    if (input.kind === 'OBJECT' && (await hasObjected(change.tx, rollout, ownerId))) {
      return rolloutMismatch(
        rollout,
        'The owner has objected to this stage. Send a COMMENT, or object to the next stage.',
      );
    }
    await limitAnswers(change, rollout, ownerId);
    const answerId = await writeAnswer(change, rollout, { ...input, keyIds }, { ownerId, actor: actorOf(caller) });
    return { rolloutId: rollout.id, answerId };
  },
});

/** Finds and locks the rollout, and checks that the caller may answer for the owner. */
async function findAnswered(
  { tx, now }: Change,
  caller: Caller,
  { rolloutId, owner, keyIds }: AnswerRolloutInput,
): Promise<AnsweredRollout | Failure<'RolloutNotFound' | 'KeyNotFound'>> {
  const found = await tx.rollout.findUnique({ where: { id: rolloutId } });
  if (found === null || !maySeeRollout(caller, found)) return rolloutNotFound();
  const keyNotFound = (name: string) =>
    fail('KeyNotFound', 'The rollout touches no such key that you manage.', { path: ['input', name] });
  const ids = [...new Set(keyIds)];
  const named = ids.length === 0 ? [] : await findTouchedKeys(tx, found, { id: { in: ids } }, now());
  if (ids.length > 0 && named.length === 0) return keyNotFound('keyIds');
  const ownerId = owner ?? named[0]?.ownerId ?? ownIdOf(caller);
  if (ownerId === null) throw badUserInput('owner: found none; expected a subject.', ['input', 'owner']);
  if (!may(caller, 'rollout.answer', { ownerId, realmId: found.realmId })) {
    if (ids.length > 0) return keyNotFound('keyIds');
    throw forbidden('Only the owner may answer: its account, or an OWNER or ADMIN of the organization.');
  }
  if (named.length !== ids.length || named.some((key) => key.ownerId !== ownerId)) return keyNotFound('keyIds');
  if (ids.length === 0 && (await findTouchedKeys(tx, found, keysOfOwner(ownerId), now())).length === 0)
    return keyNotFound('owner');
  // Keys are woken under the owner's lock, which comes before that of the rollout.
  await lockOwner(tx, ownerId);
  const rollout = await lockRollout(tx, rolloutId);
  return { rollout, ownerId, keyIds: ids };
}

/** Returns the owner that a caller answers for if it names none; null: it has to name one. */
function ownIdOf(caller: Caller): string | null {
  return caller.kind === 'ACCOUNT' ? caller.id : null;
}

function rolloutNotFound(): Failure<'RolloutNotFound'> {
  return fail('RolloutNotFound', 'There is no rollout with this id that you can see.', {
    path: ['input', 'rolloutId'],
  });
}

/** Throws RATE_LIMITED if an owner has answered too often. The rollout is locked, so that answers at once are counted. */
async function limitAnswers(change: Change, { id: rolloutId }: Rollout, ownerId: string): Promise<void> {
  const { tx } = change;
  const since = addMs(change.now(), -HOUR_MS);
  const ofHour = await countAnswers(tx, { ownerId, createdAt: { gt: since } });
  if (ofHour >= ANSWERS_AN_HOUR) throw rateLimited('Too many answers to rollouts.', HOUR_MS / 1000);
  const toRollout = await countAnswers(tx, { ownerId, rolloutId });
  if (toRollout >= ANSWERS_MAX) throw rateLimited('Too many answers to this rollout.', HOUR_MS / 1000);
}

/** Whether an owner has objected since the present stage began: a further objection would hold it again and again. */
async function hasObjected(tx: Transaction, { id: rolloutId, stageSince }: Rollout, ownerId: string): Promise<boolean> {
  return (await countAnswers(tx, { rolloutId, ownerId, kind: 'OBJECT', createdAt: { gte: stageSince } })) > 0;
}

function countAnswers(tx: Transaction, where: object): Promise<number> {
  return tx.rolloutAnswer.count({ where });
}
