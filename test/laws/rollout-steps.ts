import * as fc from 'fast-check';
import type { AccountCaller } from '../../src/domain/caller.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { addMs } from '../../src/domain/key.ts';
import { RequestError } from '../../src/domain/request-error.ts';
import { isOpenRollout } from '../../src/domain/rollout.ts';
import type { RolloutStage } from '../../src/domain/rollout-stage.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { advanceRollout } from '../../src/rollouts/advance.ts';
import { answerRollout, type AnswerRolloutInput } from '../../src/rollouts/answer.ts';
import { decideException } from '../../src/rollouts/decide-exception.ts';
import { pauseRollout, resumeRollout } from '../../src/rollouts/pause.ts';
import { replyToAnswer } from '../../src/rollouts/reply.ts';
import { undoRollout } from '../../src/rollouts/undo.ts';
import { LIFE } from '../support/binding-world.ts';
import { stage, type RolloutWorld } from '../support/rollout-world.ts';
import { days, type OwnedKey } from './policy-steps.ts';

/** Numbers that select a key are taken modulo the number of keys. */
const which = fc.nat(99);
const none = <Do extends string>(name: Do) => fc.record({ do: fc.constant(name) });

export const rolloutStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('propose' as const),
      plan: fc.nat(2),
      lifeDays: days(120),
      isOfUse: fc.boolean(),
      budget: fc.constantFrom(0, 100),
    }),
  },
  { weight: 4, arbitrary: none('advance') },
  { weight: 2, arbitrary: none('pause') },
  { weight: 3, arbitrary: none('resume') },
  { weight: 1, arbitrary: none('undo') },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('object' as const), which }) },
  { weight: 1, arbitrary: none('reply') },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('enroll' as const), which, isOneKey: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('except' as const), which, isOneKey: fc.boolean(), forDays: days(200) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('transfer' as const), which, to: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), which }) },
  { weight: 1, arbitrary: none('upgrade') },
  /** A node dies in the middle of what comes next: as soon as it has drawn so many random numbers. */
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), after: fc.nat(12) }) },
  /** Time passes to a moment at which the rollout or a key changes. */
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('passTo' as const), which: fc.nat(5), offsetMs: fc.constantFrom(0, 0, 1) }),
  },
);

export type RolloutStep = typeof rolloutStep extends fc.Arbitrary<infer T> ? T : never;

/** An answer that the gateway accepted, as the laws remember it. */
export interface AcceptedAnswer {
  readonly kind: 'OBJECT' | 'EXCEPTION' | 'BROWNOUT';
  readonly rolloutId: string;
  readonly ownerId: string;
  /** Empty: all keys of the owner. */
  readonly keyIds: readonly string[];
  readonly at: number;
  /** When an objection got a reply, or was withdrawn; when an exception ends. */
  until: number | null;
}

/** What a history did, beside what the gateway stores. */
export interface RolloutMemory {
  readonly answers: AcceptedAnswer[];
  /** A node that dies next, after so many random numbers. */
  crashAfter: number | null;
  version: number;
}

/** The rollout that a history is about: the last one. */
export async function lastRollout({ prisma }: RolloutWorld) {
  return prisma.rollout.findFirst({ orderBy: { id: 'desc' } });
}

/** Takes a step of a rollout. Returns the key that a person’s act touched, or null. Refusals change nothing. */
export async function takeRolloutStep(
  world: RolloutWorld,
  step: RolloutStep,
  keys: readonly OwnedKey[],
  memory: RolloutMemory,
): Promise<string | null> {
  const { admin } = world;
  const rollout = await lastRollout(world);
  if (step.do === 'crash') memory.crashAfter = step.after;
  else if (step.do === 'upgrade') await upgradeModule(world, memory);
  else if (step.do === 'propose') {
    if (rollout === null || !isOpenRollout(rollout)) await propose(world, step);
  } else if (step.do === 'passTo') {
    const moments = await upcomingMoments(world);
    const to = moments[step.which % Math.max(1, moments.length)];
    if (to !== undefined) world.clock.advance(to - world.clock.now().getTime() + step.offsetMs);
  } else if (step.do === 'hold') {
    const { keyId } = pick(keys, step.which);
    await holdKey(world, admin, { keyId, reason: 'a break' });
    return keyId;
  } else if (step.do === 'transfer') {
    const { keyId } = pick(keys, step.which);
    await transferKey(world, admin, { keyId, owner: pick(keys, step.to).owner.id });
    return keyId;
  } else if (rollout !== null) {
    const input = { rolloutId: rollout.id };
    if (step.do === 'advance') await advanceRollout(world, admin, input);
    else if (step.do === 'pause') await pauseRollout(world, admin, input);
    else if (step.do === 'resume') await resumeRollout(world, admin, input);
    else if (step.do === 'undo') await undoRollout(world, admin, input);
    else if (step.do === 'reply') await replyToAll(world, rollout.id, memory);
    else await answer(world, rollout.id, step, pick(keys, step.which), memory);
  }
  return null;
}

type AnswerStep = Extract<RolloutStep, { do: 'object' | 'enroll' | 'except' | 'withdraw' }>;

async function answer(
  world: RolloutWorld,
  rolloutId: string,
  step: AnswerStep,
  { keyId, owner }: OwnedKey,
  { answers }: RolloutMemory,
): Promise<void> {
  const at = world.clock.now().getTime();
  const keyIds = 'isOneKey' in step && step.isOneKey ? [keyId] : [];
  const about = { rolloutId, ownerId: owner.id, keyIds, at };
  const text = 'We release in March.';
  if (step.do === 'object') {
    if (await send(world, owner, { rolloutId, kind: 'OBJECT', text }))
      answers.push({ ...about, kind: 'OBJECT', until: null });
  } else if (step.do === 'enroll') {
    const isDone = await send(world, owner, { rolloutId, kind: 'ENROLL', keyIds, takesBrownouts: true });
    if (isDone) answers.push({ ...about, kind: 'BROWNOUT', until: null });
  } else if (step.do === 'withdraw') {
    if (!(await send(world, owner, { rolloutId, kind: 'WITHDRAW' }))) return;
    for (const one of answers) {
      if (one.rolloutId === rolloutId && one.ownerId === owner.id && one.kind !== 'EXCEPTION') one.until ??= at;
    }
  } else {
    const until = addMs(world.clock.now(), step.forDays * DAY_MS);
    if (!(await send(world, owner, { rolloutId, kind: 'ASK_EXCEPTION', text, keyIds, until }))) return;
    const { id: exceptionId } = await world.prisma.rolloutException.findFirstOrThrow({ orderBy: { id: 'desc' } });
    const decision = { exceptionId, isGranted: true, until: null, text: 'Take the time.' };
    if (!isFailure(await decideException(world, world.admin, decision)))
      answers.push({ ...about, kind: 'EXCEPTION', until: until.getTime() });
  }
}

/** Answers as an owner. Returns whether the gateway accepted it. */
async function send(
  world: RolloutWorld,
  owner: AccountCaller,
  input: Pick<AnswerRolloutInput, 'rolloutId' | 'kind'> & Partial<AnswerRolloutInput>,
): Promise<boolean> {
  const nothing = { text: null, isPublic: false, keyIds: [], until: null, takesBrownouts: false, consumers: [] };
  try {
    return !isFailure(await answerRollout(world, owner, { ...nothing, owner: owner.id, ...input }));
  } catch (error) {
    if (error instanceof RequestError) return false;
    throw error;
  }
}

async function replyToAll(world: RolloutWorld, rolloutId: string, { answers }: RolloutMemory): Promise<void> {
  const open = await world.prisma.rolloutAnswer.findMany({ where: { rolloutId, kind: 'OBJECT', repliedAt: null } });
  for (const { id: answerId } of open) await replyToAnswer(world, world.admin, { answerId, text: 'It has to be.' });
  for (const one of answers) if (one.kind === 'OBJECT') one.until ??= world.clock.now().getTime();
}

async function propose(
  world: RolloutWorld,
  { plan, lifeDays, isOfUse, budget }: Extract<RolloutStep, { do: 'propose' }>,
): Promise<void> {
  const windows = [40 * DAY_MS, 40 * DAY_MS + HOUR_MS].map((ms) => addMs(world.clock.now(), ms).getTime());
  const plans: readonly (readonly RolloutStage[])[] = [
    [
      stage('SHADOW'),
      stage('COHORT', { share: 0.5, atLeastMs: 40 * DAY_MS }),
      stage('ENFORCED', { atLeastMs: 60 * DAY_MS }),
    ],
    [
      stage('COMMENT'),
      stage('WARN'),
      stage('COHORT', { share: 0.3 }),
      stage('COHORT', { share: 0.7, atLeastMs: 35 * DAY_MS }),
      stage('ENFORCED', { atLeastMs: 0 }),
    ],
    [
      stage('WARN'),
      stage('BROWNOUT', { windows, atLeastMs: 41 * DAY_MS }),
      stage('ENFORCED', { atLeastMs: 60 * DAY_MS }),
    ],
  ];
  const change = isOfUse
    ? { policy: 'unused-expires', config: { idle: `P${String(lifeDays)}D` } }
    : { policy: 'life', config: { life: `P${String(lifeDays)}D` } };
  await world.propose({ ...change, stages: plans[plan] ?? [], budget: { owners: budget, share: null } });
}

/** Puts another version of the module in the place of the present one. */
async function upgradeModule(world: RolloutWorld, memory: RolloutMemory): Promise<void> {
  memory.version += 1;
  await world.write('life', LIFE.replace("'1.0.0'", `'1.0.${String(memory.version % 2)}'`));
}

/** Returns the next moments at which a stage may end, a brownout begins, an exception ends, or a key stops. */
async function upcomingMoments(world: RolloutWorld): Promise<readonly number[]> {
  const now = world.clock.now();
  const rollout = await lastRollout(world);
  const stages = (rollout?.stages ?? []) as unknown as readonly RolloutStage[];
  const present = stages[rollout?.stage ?? 0];
  const keys = await world.prisma.key.findMany({ where: { revokedAt: null, expiredAt: null, stopsAt: { gt: now } } });
  const brownouts = keys.flatMap(({ brownouts: found }) => (found ?? []) as unknown as readonly { from: number }[]);
  const granted = await world.prisma.rolloutException.findMany({ where: { state: 'GRANTED' } });
  const moments = [
    ...(rollout === null || present === undefined ? [] : [rollout.stageSince.getTime() + present.atLeastMs]),
    ...brownouts.map(({ from }) => from + MINUTE_MS),
    ...granted.map(({ until }) => until.getTime()),
    ...keys.flatMap(({ stopsAt }) => stopsAt?.getTime() ?? []),
  ];
  return [...new Set(moments)].filter((at) => at > now.getTime()).sort((a, b) => a - b);
}

function pick(keys: readonly OwnedKey[], which: number): OwnedKey {
  const key = keys[which % keys.length];
  if (key === undefined) throw new Error('found no key');
  return key;
}
