import * as fc from 'fast-check';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { isOpenRollout } from '../../src/domain/rollout.ts';
import { RolloutLoop } from '../../src/rollouts/rollout-loop.ts';
import { checkPolicyLaws, observe } from './policy-laws.ts';
import { policyStep, takePolicyStep, type OwnedKey, type PolicyStep } from './policy-steps.ts';
import { checkRolloutLaws, observeRollout, type Seen } from './rollout-laws.ts';
import { lastRollout, rolloutStep, takeRolloutStep, type RolloutMemory, type RolloutStep } from './rollout-steps.ts';
import type { RolloutWorld } from '../support/rollout-world.ts';

const OWNERS = 4;
const KEYS_EACH = 2;

export type Step = PolicyStep | RolloutStep;

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: policyStep },
  { weight: 2, arbitrary: rolloutStep },
);

const pass = (count: number): Step => ({ do: 'pass', ms: count * DAY_MS });
const propose = { do: 'propose', plan: 0, lifeDays: 30, isOfUse: false, budget: 100 } as const;

/** Histories in which each law has something to check. They run before the drawn ones. */
export const examples = {
  // The rollout ends keys in both cohorts, and is undone.
  undone: [pass(50), propose, pass(1), { do: 'use', which: 0 }, pass(40), pass(30), { do: 'undo' }],
  // An exception holds over the end of the others’ keys, a node dies in each stage, and the exception ends.
  excepted: [
    pass(50),
    propose,
    { do: 'except', which: 0, isOneKey: false, forDays: 150 },
    { do: 'crash', after: 2 },
    pass(1),
    { do: 'advance' },
    ...Array.from({ length: 8 }, (_, which): Step => ({ do: 'use', which })),
    { do: 'crash', after: 3 },
    pass(41),
    pass(45),
    { do: 'passTo', which: 0, offsetMs: 0 },
    { do: 'passTo', which: 0, offsetMs: 0 },
  ],
  // Enrolled keys are refused in a brownout, and an objection holds the last stage.
  held: [
    pass(50),
    { ...propose, plan: 2 },
    { do: 'enroll', which: 0, isOneKey: false },
    pass(1),
    { do: 'passTo', which: 0, offsetMs: 0 },
    { do: 'object', which: 2 },
    pass(5),
    { do: 'pause' },
    pass(5),
    { do: 'resume' },
    pass(10),
    { do: 'passTo', which: 0, offsetMs: 0 },
    { do: 'passTo', which: 0, offsetMs: 0 },
    pass(30),
  ],
} satisfies Record<string, Step[]>;

/** Runs one history, and undoes its rollout at the end if it is open. */
export async function runSteps(world: RolloutWorld, steps: readonly Step[], seen: Seen): Promise<void> {
  await resetWorld(world);
  const keys = await issueKeys(world);
  const memory: RolloutMemory = { answers: [], crashAfter: null, version: 0 };
  await world.pass(0);
  for (const one of steps) await checkStep(world, one, keys, memory, seen);
  const rollout = await lastRollout(world);
  if (rollout !== null && isOpenRollout(rollout)) await checkStep(world, { do: 'undo' }, keys, memory, seen);
}

async function checkStep(
  world: RolloutWorld,
  one: Step,
  keys: readonly OwnedKey[],
  memory: RolloutMemory,
  seen: Seen,
): Promise<void> {
  const before = await observeRollout(world, keys);
  const policiesBefore = await observe(world);
  const byPerson = isRolloutStep(one)
    ? await takeRolloutStep(world, one, keys, memory)
    : await takePolicyStep(world, one, keys);
  if (one.do !== 'crash') await crashIfDue(world, memory);
  await world.pass(0);
  const after = await observeRollout(world, keys);
  const confirmed = (await world.prisma.rollout.findMany()).reduce((sum, { brakeUsed }) => sum + brakeUsed, 0);
  await checkPolicyLaws(world, policiesBefore, byPerson, confirmed);
  await checkRolloutLaws(world, { before, after }, keys, memory, seen);
}

const policySteps: ReadonlySet<string> = new Set<PolicyStep['do']>([
  'bind',
  'update',
  'unbind',
  'lose',
  'use',
  'renew',
  'rotate',
  'pass',
]);

function isRolloutStep(step: Step): step is RolloutStep {
  return !policySteps.has(step.do);
}

/** Lets a node begin what is due, and die in the middle: its transaction is rolled back. */
async function crashIfDue(world: RolloutWorld, memory: RolloutMemory): Promise<void> {
  if (memory.crashAfter === null) return;
  let left = memory.crashAfter;
  memory.crashAfter = null;
  const random = (size: number) => {
    if (left === 0) throw new Error('the node dies');
    left -= 1;
    return world.random(size);
  };
  const dying = new RolloutLoop({ ...world, random }, { mayRun: () => true, onFailure: () => undefined });
  await dying.runDue();
}

async function issueKeys(world: RolloutWorld): Promise<readonly OwnedKey[]> {
  const keys: OwnedKey[] = [];
  for (let index = 0; index < OWNERS; index += 1) {
    const owner = await world.account(`owner${String(index)}`);
    for (let count = 0; count < KEYS_EACH; count += 1) keys.push({ ...(await world.issue({}, owner)), owner });
    world.clock.advance(HOUR_MS);
  }
  return keys;
}

/** Ends the keys, bindings and rollouts of an earlier history. */
async function resetWorld({ prisma, clock }: RolloutWorld): Promise<void> {
  const now = clock.now();
  await prisma.rolloutException.deleteMany();
  await prisma.rolloutAnswer.deleteMany();
  await prisma.rolloutKey.deleteMany();
  await prisma.rolloutOwner.deleteMany();
  await prisma.rollout.deleteMany();
  await prisma.waitingStop.deleteMany();
  await prisma.nearing.deleteMany();
  await prisma.key.updateMany({ where: { revokedAt: null }, data: { revokedAt: now, reviewAt: null } });
  const fresh = await prisma.binding.findMany({ orderBy: { id: 'asc' }, take: 3, select: { id: true } });
  const others = { id: { notIn: fresh.map(({ id }) => id) } };
  await prisma.binding.updateMany({ where: others, data: { unboundAt: now, sweepCursor: null } });
}
