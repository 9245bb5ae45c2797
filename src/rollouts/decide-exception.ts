import type { Rollout, RolloutException } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { checkLongText } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { latest } from '../domain/key.ts';
import { may } from '../domain/permission.ts';
import { badUserInput } from '../domain/request-error.ts';
import { isOpenRollout } from '../domain/rollout.ts';
import { ANSWER_TEXT_MAX } from '../domain/rollout-answer.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { lockOwner } from '../policies/lock-owners.ts';
import { lockManagedRealmById } from '../policies/lock-realm.ts';
import { wakeKeysOf } from '../policies/wake-keys.ts';
import type { RolloutAnswered } from './answer.ts';
import { lockRollout, rolloutMismatch } from './lock-rollout.ts';

export interface DecideExceptionInput {
  readonly exceptionId: string;
  /** Whether it is granted. */
  readonly isGranted: boolean;
  /** The end of the exception, if it is earlier than the owner requested. */
  readonly until: Date | null;
  /** What the administrator writes to the owner. */
  readonly text: string;
}

interface AskedException {
  readonly rollout: Rollout;
  readonly exception: RolloutException;
}

/**
 * Grants or refuses an exception that an owner requested. A granted one keeps the revision before in force for its keys, for this binding
 * alone, until its end; it ends by itself.
 */
export const decideException = useCase<DecideExceptionInput, AskedException, RolloutAnswered>()({
  name: 'decideException',

  async authorize(change, caller, input) {
    checkLongText('text', input.text, ANSWER_TEXT_MAX);
    return findException(change, caller, input.exceptionId);
  },

  async run(change, caller, { isGranted, until, text }, { rollout, exception }) {
    if (!isOpenRollout(rollout))
      return rolloutMismatch(rollout, 'It has ended: its exceptions are not decided any more.');
    if (exception.state !== 'ASKED') {
      return rolloutMismatch(rollout, `The exception is ${exception.state}: it was decided, or withdrawn.`);
    }
    const now = change.now();
    const end = until ?? exception.until;
    if (end > exception.until || end <= now) {
      const asked = exception.until.toISOString();
      throw badUserInput(`until: found ${end.toISOString()}; expected after now, at the latest ${asked}.`, [
        'input',
        'until',
      ]);
    }
    await change.tx.rolloutException.update({
      where: { id: exception.id },
      data: {
        state: isGranted ? 'GRANTED' : 'REFUSED',
        until: end,
        decidedById: caller.kind === 'ACCOUNT' ? caller.id : null,
        decidedByName: caller.kind === 'ACCOUNT' ? caller.name : null,
        decidedAt: now,
        decision: text,
      },
    });
    if (isGranted) await putInForce(change, rollout, { ...exception, until: end });
    change.record({
      type: isGranted ? 'ROLLOUT_EXCEPTION_GRANTED' : 'ROLLOUT_EXCEPTION_REFUSED',
      at: now,
      realmId: rollout.realmId,
      ownerId: exception.ownerId,
      actor: actorOf(caller),
      data: exceptionEventData(rollout, { ...exception, until: end }),
    });
    return { rolloutId: rollout.id, answerId: exception.answerId };
  },
});

/** Returns the data of an event of an exception. */
export function exceptionEventData(
  { id: rolloutId, title }: Pick<Rollout, 'id' | 'title'>,
  { id: exceptionId, answerId, until }: Pick<RolloutException, 'id' | 'answerId' | 'until'>,
) {
  return { rolloutId, title, answerId, exceptionId, until: until.toISOString() };
}

async function findException(
  { tx }: Change,
  caller: Caller,
  id: string,
): Promise<AskedException | Failure<'RolloutAnswerNotFound'>> {
  const found = await tx.rolloutException.findUnique({ where: { id }, include: { rollout: true } });
  if (found === null || !may(caller, 'realm.manage', { realmId: found.rollout.realmId })) {
    return answerNotFound('exceptionId');
  }
  await lockManagedRealmById(tx, caller, found.rollout.realmId);
  await lockOwner(tx, found.ownerId);
  const rollout = await lockRollout(tx, found.rolloutId);
  return { rollout, exception: await tx.rolloutException.findUniqueOrThrow({ where: { id } }) };
}

/** Returns the failure of an administrator's decision or reply about something that is not there. */
export function answerNotFound(field: string): Failure<'RolloutAnswerNotFound'> {
  return fail('RolloutAnswerNotFound', 'There is no answer or exception with this id in a realm that you administer.', {
    path: ['input', field],
  });
}

/** Lets the revision before apply to the keys of an exception until its end, or longer if another exception ends later. */
async function putInForce(
  change: Change,
  { id: rolloutId, exceptionsUntil }: Rollout,
  { ownerId, keyIds, until }: RolloutException,
): Promise<void> {
  const { tx } = change;
  if (keyIds.length === 0) {
    const where = { rolloutId_ownerId: { rolloutId, ownerId } };
    const row = await tx.rolloutOwner.findUnique({ where });
    const exceptUntil = latest(until, row?.exceptUntil ?? until);
    await tx.rolloutOwner.upsert({ where, create: { rolloutId, ownerId, exceptUntil }, update: { exceptUntil } });
  }
  for (const keyId of keyIds.toSorted()) {
    const where = { rolloutId_keyId: { rolloutId, keyId } };
    const row = await tx.rolloutKey.findUnique({ where });
    const exceptUntil = latest(until, row?.exceptUntil ?? until);
    const create = { rolloutId, keyId, presentOwnerId: ownerId, exceptUntil };
    await tx.rolloutKey.upsert({ where, create, update: { exceptUntil } });
  }
  await tx.rollout.update({
    where: { id: rolloutId },
    data: { exceptionsUntil: latest(until, exceptionsUntil ?? until) },
  });
  await wakeKeysOf(change, ownerId, change.now(), { onlyDormant: false });
}
