import type { Rollout } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import type { RolloutAnswerDraft } from '../domain/rollout-answer.ts';
import type { Change } from '../log/change.ts';
import { endBrownoutsOf } from '../keys/end-brownouts.ts';
import { wakeKeysOf } from '../policies/wake-keys.ts';

/** Who answers, in whose name. */
interface Answerer {
  readonly ownerId: string;
  readonly actor: Actor;
}

/** Stores an answer to a locked rollout, does what it asks for, and records it. Returns its id. */
export async function writeAnswer(
  change: Change,
  rollout: Rollout,
  draft: RolloutAnswerDraft,
  { ownerId, actor }: Answerer,
): Promise<string> {
  const { tx, core } = change;
  const now = change.now();
  const id = newId('answer', now, core.random);
  const { kind, text, isPublic, keyIds, until, takesBrownouts, consumers } = draft;
  if (kind === 'WITHDRAW') await withdrawAll(change, rollout, ownerId);
  await tx.rolloutAnswer.create({
    data: {
      id,
      rolloutId: rollout.id,
      kind,
      ownerId,
      text,
      isPublic,
      keyIds: [...keyIds],
      until,
      takesBrownouts,
      consumers: [...consumers],
      actorKind: actor.kind,
      actorId: actor.id ?? null,
      actorName: actor.name ?? null,
      createdAt: now,
    },
  });
  if (kind === 'ENROLL') await enroll(change, rollout, draft, ownerId);
  if (kind === 'ASK_EXCEPTION' && until !== null) {
    const exceptionId = newId('exception', now, core.random);
    const data = { id: exceptionId, rolloutId: rollout.id, answerId: id, ownerId, keyIds: [...keyIds], until };
    await tx.rolloutException.create({ data: { ...data, reason: text ?? '', createdAt: now } });
  }
  const data = { rolloutId: rollout.id, title: rollout.title, answerId: id, answer: kind };
  change.record({ type: 'ROLLOUT_ANSWERED', at: now, realmId: rollout.realmId, ownerId, actor, data });
  return id;
}

/** Lets the new revision, and brownouts if the owner wants them, apply to some keys or to all of an owner early. */
async function enroll(
  change: Change,
  rollout: Rollout,
  { keyIds, takesBrownouts, consumers }: RolloutAnswerDraft,
  ownerId: string,
): Promise<void> {
  const { tx } = change;
  const { id: rolloutId } = rollout;
  const now = change.now();
  // What is announced from now on takes the place of what was.
  await endBrownoutsOf(change, rollout, ownerId);
  const enrolled = { isEnrolled: true, takesBrownouts, enrolledAt: now, consumers: [...consumers] };
  if (keyIds.length === 0) {
    const where = { rolloutId_ownerId: { rolloutId, ownerId } };
    await tx.rolloutOwner.upsert({ where, create: { rolloutId, ownerId, ...enrolled }, update: enrolled });
  }
  for (const keyId of keyIds.toSorted()) {
    const where = { rolloutId_keyId: { rolloutId, keyId } };
    const create = { rolloutId, keyId, presentOwnerId: ownerId, ...enrolled };
    await tx.rolloutKey.upsert({ where, create, update: enrolled });
  }
  await wakeKeysOf(change, ownerId, now, { onlyDormant: false });
}

/** Takes back the objections, the open requests and the enrolment of an owner. */
async function withdrawAll(change: Change, rollout: Rollout, ownerId: string): Promise<void> {
  const { tx } = change;
  const { id: rolloutId } = rollout;
  const now = change.now();
  await endBrownoutsOf(change, rollout, ownerId);
  await tx.rolloutAnswer.updateMany({
    where: { rolloutId, ownerId, kind: { in: ['OBJECT', 'ASK_EXCEPTION', 'ENROLL'] }, withdrawnAt: null },
    data: { withdrawnAt: now },
  });
  await tx.rolloutException.updateMany({
    where: { rolloutId, ownerId, state: 'ASKED' },
    data: { state: 'ENDED', endedAt: now },
  });
  const notEnrolled = { isEnrolled: false, takesBrownouts: false, enrolledAt: null, consumers: [] };
  const isEnrolled = { rolloutId, OR: [{ isEnrolled: true }, { takesBrownouts: true }] };
  const owners = await tx.rolloutOwner.updateMany({ where: { ...isEnrolled, ownerId }, data: notEnrolled });
  const keys = await tx.rolloutKey.updateMany({
    where: { ...isEnrolled, presentOwnerId: ownerId },
    data: notEnrolled,
  });
  if (owners.count + keys.count > 0) await wakeKeysOf(change, ownerId, now, { onlyDormant: false });
}
