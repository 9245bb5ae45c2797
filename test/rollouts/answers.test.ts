import { expect, test } from 'vitest';
import type { AccountCaller, Caller } from '../../src/domain/caller.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { UseRecorder } from '../../src/keys/use-recorder.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import { answerRollout, type AnswerRolloutInput } from '../../src/rollouts/answer.ts';
import { decideException } from '../../src/rollouts/decide-exception.ts';
import { endExceptions } from '../../src/rollouts/end-exceptions.ts';
import { countOpenObjections } from '../../src/rollouts/read-gates.ts';
import { pauseRollout, resumeRollout } from '../../src/rollouts/pause.ts';
import { replyToAnswer } from '../../src/rollouts/reply.ts';
import { undoRollout } from '../../src/rollouts/undo.ts';
import { success } from '../support/key-world.ts';
import { openRolloutWorld, stage, type RolloutWorld } from '../support/rollout-world.ts';
import { waitFor } from '../support/wait-for.ts';

const nothing = {
  owner: null,
  text: null,
  isPublic: false,
  keyIds: [],
  until: null,
  takesBrownouts: false,
  consumers: [],
} satisfies Partial<AnswerRolloutInput>;

type Answer = Partial<AnswerRolloutInput> & Pick<AnswerRolloutInput, 'rolloutId' | 'kind'>;

const answer = (world: RolloutWorld, caller: Caller, input: Answer) =>
  answerRollout(world, caller, { ...nothing, ...input });

async function openAnswered() {
  const world = await openRolloutWorld();
  const key = await world.issue();
  await world.reviewer.reviewDue();
  const { id: rolloutId } = await world.propose();
  return { world, key, rolloutId };
}

test('answers: an objection holds its stage until an administrator replies; then the owner cannot hold it again', async () => {
  const { world, rolloutId } = await openAnswered();
  const { answerId } = success(await answer(world, world.owner, { rolloutId, kind: 'OBJECT', text: 'No!' }));
  await world.pass(2 * DAY_MS);
  expect((await world.rollout(rolloutId)).stage).toBe(0);
  success(await replyToAnswer(world, world.admin, { answerId, text: 'It has to be.' }));
  expect(await answer(world, world.owner, { rolloutId, kind: 'OBJECT', text: 'No!' })).toMatchObject({
    code: 'ROLLOUT_STATE_MISMATCH',
  });
  await world.pass(1_000);
  expect((await world.rollout(rolloutId)).stage).toBe(1);
  // A further stage can be objected to.
  success(await answer(world, world.owner, { rolloutId, kind: 'OBJECT', text: 'Not this either.' }));
  expect(await countOpenObjections(world.prisma, [rolloutId], world.clock.now())).toEqual(new Map([[rolloutId, 1]]));
});

test('answers: an objection without a reply holds its stage for 14 days, and one that is taken back for no longer', async () => {
  const { world, rolloutId } = await openAnswered();
  success(await answer(world, world.owner, { rolloutId, kind: 'OBJECT', text: 'No!' }));
  await world.pass(14 * DAY_MS - 1);
  expect((await world.rollout(rolloutId)).stage).toBe(0);
  await world.pass(1);
  expect((await world.rollout(rolloutId)).stage).toBe(1);
  success(await answer(world, world.owner, { rolloutId, kind: 'OBJECT', text: 'No!' }));
  success(await answer(world, world.owner, { rolloutId, kind: 'WITHDRAW' }));
  expect(await countOpenObjections(world.prisma, [rolloutId], world.clock.now())).toEqual(new Map());
});

test('answers: only owners whom the rollout touches answer: their account, or an OWNER or ADMIN of the organization', async () => {
  const { world, key, rolloutId } = await openAnswered();
  const team = await world.organization({ boss: 'OWNER', admin: 'ADMIN', member: 'MEMBER' });
  const comment = { rolloutId, kind: 'COMMENT', text: 'Why?' } as const;
  const outcome = async (caller: AccountCaller, more: Partial<AnswerRolloutInput> = {}) => {
    try {
      const result = await answer(world, caller, { ...comment, ...more });
      return 'code' in result ? result.code : 'ANSWERED';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(await outcome(world.owner)).toBe('ANSWERED');
  expect(await outcome(world.stranger)).toBe('KEY_NOT_FOUND');
  expect(await outcome(world.stranger, { owner: world.owner.id })).toBe('FORBIDDEN');
  const enrolled = { kind: 'ENROLL', text: null, keyIds: [key.keyId] } as const;
  expect(await outcome(world.stranger, enrolled)).toBe('KEY_NOT_FOUND');
  expect(await outcome(world.owner, { ...enrolled, keyIds: [key.keyId, 'key_00000000000000000000000000'] })).toBe(
    'KEY_NOT_FOUND',
  );
  expect(await outcome(team.boss, { owner: team.id })).toBe('KEY_NOT_FOUND');
  await world.issue({ owner: team.id }, team.boss);
  expect(await outcome(team.boss, { owner: team.id })).toBe('ANSWERED');
  expect(await outcome(team.admin, { owner: team.id })).toBe('ANSWERED');
  expect(await outcome(team.member, { owner: team.id })).toBe('FORBIDDEN');
});

test('answers: an owner gives at most 10 in an hour and 50 to a rollout, and none to one that has ended', async () => {
  const { world, rolloutId } = await openAnswered();
  const comment = () => answer(world, world.owner, { rolloutId, kind: 'COMMENT', text: 'Again.' });
  for (let count = 0; count < 50; count += 1) {
    if (count % 10 === 0) world.clock.advance(HOUR_MS);
    success(await comment());
    if (count % 10 === 9) await expect(comment()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  }
  world.clock.advance(HOUR_MS);
  await expect(comment()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await world.prisma.rollout.update({
    where: { id: rolloutId },
    data: { state: 'UNDONE', endedAt: world.clock.now() },
  });
  expect(await comment()).toMatchObject({ code: 'ROLLOUT_STATE_MISMATCH' });
});

test('answers: a malformed answer is refused, with its field', async () => {
  const { world, rolloutId } = await openAnswered();
  const far = addMs(world.clock.now(), 366 * DAY_MS);
  const cases: [Partial<AnswerRolloutInput> & Pick<AnswerRolloutInput, 'kind'>, string][] = [
    [{ kind: 'COMMENT' }, 'text'],
    [{ kind: 'OBJECT', text: 'x'.repeat(2_001) }, 'text'],
    [{ kind: 'OBJECT', text: 'No!', isPublic: true }, 'isPublic'],
    [{ kind: 'COMMENT', text: 'Why?', keyIds: ['key_1'] }, 'keyIds'],
    [{ kind: 'COMMENT', text: 'Why?', takesBrownouts: true }, 'brownout'],
    [{ kind: 'ENROLL', consumers: ['ci'] }, 'consumers'],
    [{ kind: 'ENROLL', until: far }, 'until'],
    [{ kind: 'ASK_EXCEPTION', text: 'Time.' }, 'until'],
    [{ kind: 'ASK_EXCEPTION', text: 'Time.', until: far }, 'until'],
    [{ kind: 'ASK_EXCEPTION', text: 'Time.', until: world.clock.now() }, 'until'],
  ];
  for (const [input, field] of cases) {
    await expect(answer(world, world.owner, { rolloutId, ...input })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(field),
    });
  }
});

test('answers: a granted exception keeps the revision before until its end, which is told; a refused one changes nothing', async () => {
  const { world, key, rolloutId } = await openAnswered();
  const ask = async (days: number, keyIds: readonly string[] = []) => {
    const until = addMs(world.clock.now(), days * DAY_MS);
    const { answerId } = success(
      await answer(world, world.owner, { rolloutId, kind: 'ASK_EXCEPTION', text: 'We need time.', until, keyIds }),
    );
    return world.prisma.rolloutException.findFirstOrThrow({ where: { answerId } });
  };
  const asked = await ask(100);
  const decide = (exceptionId: string, isGranted: boolean, until: Date | null = null) =>
    decideException(world, world.admin, { exceptionId, isGranted, until, text: 'Decided.' });
  expect(
    await decideException(world, world.owner, { exceptionId: asked.id, isGranted: true, until: null, text: 'x' }),
  ).toMatchObject({ code: 'ROLLOUT_ANSWER_NOT_FOUND' });
  await expect(decide(asked.id, true, addMs(asked.until, 1))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  success(await decide(asked.id, false));
  expect(await decide(asked.id, true)).toMatchObject({ code: 'ROLLOUT_STATE_MISMATCH' });
  expect(await world.prisma.rolloutOwner.count({ where: { exceptUntil: { not: null } } })).toBe(0);
  const again = await ask(100, [key.keyId]);
  const end = addMs(world.clock.now(), 60 * DAY_MS);
  success(await decide(again.id, true, end));
  expect(await world.prisma.rolloutKey.findFirstOrThrow()).toMatchObject({ keyId: key.keyId, exceptUntil: end });
  expect((await world.rollout(rolloutId)).exceptionsUntil).toEqual(end);
  world.clock.advance(60 * DAY_MS);
  await endExceptions(world);
  await endExceptions(world);
  const told = (await world.rolloutEvents()).filter((type) => type.startsWith('EXCEPTION'));
  expect(told).toEqual(['EXCEPTION_REFUSED', 'EXCEPTION_GRANTED', 'EXCEPTION_ENDED']);
  const ended = await world.prisma.rolloutException.findUniqueOrThrow({ where: { id: again.id } });
  expect(ended).toMatchObject({ state: 'ENDED' });
});

test('answers: enrolment can be taken back, with its brownouts and requests', async () => {
  const { world, rolloutId } = await openAnswered();
  success(await answer(world, world.owner, { rolloutId, kind: 'ENROLL', takesBrownouts: true, consumers: ['ci'] }));
  const until = addMs(world.clock.now(), DAY_MS);
  success(await answer(world, world.owner, { rolloutId, kind: 'ASK_EXCEPTION', text: 'Time.', until }));
  const row = () => world.prisma.rolloutOwner.findFirstOrThrow({ where: { ownerId: world.owner.id } });
  expect(await row()).toMatchObject({ isEnrolled: true, takesBrownouts: true, consumers: ['ci'] });
  success(await answer(world, world.owner, { rolloutId, kind: 'WITHDRAW' }));
  expect(await row()).toMatchObject({ isEnrolled: false, takesBrownouts: false, consumers: [] });
  expect(await world.prisma.rolloutException.findFirstOrThrow()).toMatchObject({ state: 'ENDED' });
});

test('answers: no text of an answer is in the log', async () => {
  const { world, rolloutId } = await openAnswered();
  const { answerId } = success(await answer(world, world.owner, { rolloutId, kind: 'OBJECT', text: '<b>hush</b>' }));
  success(await replyToAnswer(world, world.admin, { answerId, text: '<i>hush</i>' }));
  const events = await world.prisma.event.findMany({
    where: { type: { in: ['ROLLOUT_ANSWERED', 'ROLLOUT_REPLIED'] } },
  });
  expect(events.map(({ ownerId }) => ownerId)).toEqual([world.owner.id, world.owner.id]);
  expect(JSON.stringify(events, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
    'hush',
  );
});

test('warn: from its stage on a key that will stop has a warning with the day; what has reached it has none', async () => {
  const world = await openRolloutWorld();
  const { keyId } = await world.issue();
  await world.reviewer.reviewDue();
  const stages = [stage('SHADOW'), stage('WARN'), stage('COHORT', { share: 0.99 }), stage('ENFORCED')];
  const { id: rolloutId } = await world.propose({ stages, budget: { owners: 1_000, share: null } });
  const warnings = async () => (await world.key(keyId)).warnings;
  await world.pass(1_000);
  expect(await warnings()).toBeNull();
  await world.pass(DAY_MS);
  expect((await world.rollout(rolloutId)).stage).toBe(1);
  const [warning] = (await warnings()) as { code: string; from: number }[];
  expect(warning?.code).toMatch(/^WILL_STOP/);
  const { createdAt } = await world.key(keyId);
  expect(warning?.from).toBe(Math.floor((createdAt.getTime() + 90 * DAY_MS) / DAY_MS) * DAY_MS);
  await world.pass(DAY_MS);
  success(await answer(world, world.owner, { rolloutId, kind: 'ENROLL' }));
  await world.pass(1_000);
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(createdAt, 90 * DAY_MS));
  expect(await warnings()).toBeNull();
  expect(world.failures).toEqual([]);
});

test('brownout: an enrolled key that will stop is refused in the windows of its stage, announced the notice period ahead', async () => {
  const world = await openRolloutWorld();
  const { keyId } = await world.issue();
  const other = await world.issue();
  await world.reviewer.reviewDue();
  const at = addMs(world.clock.now(), 32 * DAY_MS);
  const stages = [
    stage('WARN'),
    stage('BROWNOUT', { windows: [at.getTime()], atLeastMs: 60 * DAY_MS }),
    stage('ENFORCED'),
  ];
  const { id: rolloutId } = await world.propose({ stages });
  await world.pass(1_000);
  success(await answer(world, world.owner, { rolloutId, kind: 'ENROLL', takesBrownouts: true, keyIds: [keyId] }));
  await world.pass(1_000);
  expect(await world.key(keyId)).toMatchObject({ brownouts: null });
  expect((await world.key(keyId)).warnings).toMatchObject([{ code: 'WILL_STOP_SOONER' }, { code: 'BROWNOUT_AHEAD' }]);
  expect((await world.key(other.keyId)).warnings).toMatchObject([{ code: 'WILL_STOP_SOONER' }]);
  await world.pass(2 * DAY_MS);
  expect((await world.key(keyId)).brownouts).toEqual([
    { rolloutId, from: at.getTime(), to: at.getTime() + 900_000, consumers: [] },
  ]);
  expect((await world.key(other.keyId)).brownouts).toBeNull();
  success(await answer(world, world.owner, { rolloutId, kind: 'WITHDRAW' }));
  await world.pass(1_000);
  expect((await world.key(keyId)).brownouts).toBeNull();
});

/** A rollout in its stage BROWNOUT, and a key with the windows that are announced on it. */
async function openBrownout() {
  const world = await openRolloutWorld();
  const { keyId, secret } = await world.issue();
  await world.reviewer.reviewDue();
  const start = addMs(world.clock.now(), 32 * DAY_MS).getTime();
  const windows = [start, start + HOUR_MS];
  const stages = [stage('WARN'), stage('BROWNOUT', { windows, atLeastMs: 60 * DAY_MS }), stage('ENFORCED')];
  const { id: rolloutId } = await world.propose({ stages });
  await world.pass(1_000);
  success(await answer(world, world.owner, { rolloutId, kind: 'ENROLL', takesBrownouts: true, consumers: ['ci'] }));
  await world.pass(2 * DAY_MS);
  const starts = async () => ((await world.key(keyId)).brownouts as { from: number }[] | null)?.map(({ from }) => from);
  expect(await starts()).toEqual(windows);
  return { world, keyId, secret, rolloutId, windows, starts };
}

test('brownout: from a pause or an undo on no window refuses, without a review; a resumed rollout has those that have not begun', async () => {
  const { world, secret, rolloutId, windows, starts } = await openBrownout();
  const [first = 0, second] = windows;
  world.clock.advance(first - world.clock.now().getTime());
  expect(await world.verify(secret, 'ci')).toBe('BROWNOUT');
  success(await pauseRollout(world, world.admin, { rolloutId }));
  expect(await starts()).toBeUndefined();
  expect(await world.verify(secret, 'ci')).toBe('VALID');
  await world.pass(1_000);
  expect(await starts()).toBeUndefined();
  success(await resumeRollout(world, world.admin, { rolloutId }));
  await world.pass(1_000);
  expect(await starts()).toEqual([second]);
  success(await undoRollout(world, world.admin, { rolloutId }));
  expect(await starts()).toBeUndefined();
  expect(world.failures).toEqual([]);
});

test('brownout: it ends at the first refusal of a consumer that the owner did not list, once on two nodes, with an event', async () => {
  const { world, keyId, secret, rolloutId, windows, starts } = await openBrownout();
  const [first = 0, second] = windows;
  world.clock.advance(first - world.clock.now().getTime());
  expect(await world.verify(secret, 'ci')).toBe('BROWNOUT');
  await world.uses.flush();
  expect(await starts()).toEqual(windows);
  const nodes = [0, 1].map(() => new UseRecorder(world, (error) => world.failures.push(error)));
  for (const uses of nodes) {
    await verifyKey({ ...world, uses }, world.admin, { secret, purpose: null, consumer: 'nightly' });
  }
  await Promise.all(nodes.map((uses) => uses.flush()));
  expect(await starts()).toEqual([second]);
  expect(await world.verify(secret, 'nightly')).toBe('VALID');
  const to = new Date(first + 900_000).toISOString();
  const data = { rolloutId, consumer: 'nightly', from: new Date(first).toISOString(), to };
  const ended = (await world.events(keyId)).filter(({ type }) => type === 'KEY_BROWNOUT_ENDED');
  expect(ended).toMatchObject([{ ownerId: world.owner.id, actorKind: 'SYSTEM', data }]);
  // No review brings it back.
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.pass(1_000);
  expect(await starts()).toEqual([second]);
  world.clock.advance((second ?? 0) - world.clock.now().getTime());
  expect(await world.verify(secret)).toBe('BROWNOUT');
  await world.uses.flush();
  expect(await starts()).toBeUndefined();
  expect(world.failures).toEqual([]);
});

test('brownout: an owner who takes the enrolment back is refused no more, without a review', async () => {
  const { world, secret, rolloutId, windows, starts } = await openBrownout();
  world.clock.advance((windows[0] ?? 0) - world.clock.now().getTime());
  expect(await world.verify(secret, 'ci')).toBe('BROWNOUT');
  success(await answer(world, world.owner, { rolloutId, kind: 'WITHDRAW' }));
  expect(await starts()).toBeUndefined();
  expect(await world.verify(secret, 'ci')).toBe('VALID');
});

test('brownout: no key is refused by the consent of an owner that it had, or that was given before it came', async () => {
  const { world, keyId, rolloutId, starts } = await openBrownout();
  success(await answer(world, world.owner, { rolloutId, kind: 'ENROLL', takesBrownouts: true, keyIds: [keyId] }));
  await world.pass(2 * HOUR_MS);
  const late = await world.issue();
  await world.pass(1_000);
  expect(await starts()).toHaveLength(1);
  success(await transferKey(world, world.admin, { keyId, owner: world.stranger.id }));
  expect(await starts()).toBeUndefined();
  await world.pass(1_000);
  expect(await starts()).toBeUndefined();
  success(await transferKey(world, world.admin, { keyId, owner: world.owner.id }));
  await world.pass(1_000);
  expect(await starts()).toBeUndefined();
  expect((await world.key(late.keyId)).brownouts).toBeNull();
});

test('brownout: a review that has read a rollout before its pause writes none of its windows', async () => {
  const { world, keyId, rolloutId, starts } = await openBrownout();
  await world.prisma
    .$executeRaw`UPDATE "Key" SET brownouts = NULL, "reviewAt" = ${world.clock.now()} WHERE id = ${keyId}`;
  const paused = world.prisma.$transaction(async (tx) => {
    await tx.rollout.update({ where: { id: rolloutId }, data: { state: 'PAUSED', pausedAt: world.clock.now() } });
    // The review sees the rollout as it was, until this is committed.
    await waitFor(async () => {
      const [{ count } = { count: 0 }] = await world.prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database() AND query LIKE '%FOR SHARE%'`;
      expect(count).toBe(1);
    });
  });
  await Promise.all([paused, world.reviewer.reviewDue()]);
  expect(await starts()).toBeUndefined();
});
