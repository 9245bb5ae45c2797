import { expect, test, vi } from 'vitest';
import { cancelBrake, releaseBrake } from '../../src/brakes/end-brake.ts';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { ReviewLoop } from '../../src/keys/review-loop.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { openBindingWorld, LIFE, type BindingWorld } from '../support/binding-world.ts';
import { failureOf, success } from '../support/key-world.ts';

const KEYS = 40;
/** 5 % of 40. */
const SHARE = 2;

async function nearerCount({ prisma }: BindingWorld): Promise<number> {
  return prisma.key.count({ where: { stopsBasis: 'HARD' } });
}

function anotherNode(world: BindingWorld): ReviewLoop {
  return new ReviewLoop(world, {
    mayReview: () => true,
    onReviewed: () => undefined,
    onFailure: (error: unknown) => {
      throw error;
    },
  });
}

test('brake: past the share of a realm writes are refused, the old stops stay, and one event is recorded', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const ids = await world.issueMany(KEYS);
  const before = (await world.key(ids[0]!)).stopsAt;
  await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  expect(await nearerCount(world)).toBe(SHARE);
  const [brake] = await world.prisma.brake.findMany({ include: { waiting: true } });
  expect(brake).toMatchObject({ state: 'ENGAGED' });
  expect(brake?.waiting).toHaveLength(KEYS - SHARE);
  expect(await world.prisma.key.count({ where: { stopsAt: before } })).toBe(KEYS - SHARE);
  // However often it is tried, and also when the hour is over: somebody has to say so.
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.travel(2 * HOUR_MS);
  expect(await nearerCount(world)).toBe(SHARE);
  expect((await world.realmEvents()).filter(({ type }) => type === 'BRAKE_ENGAGED')).toHaveLength(1);
  // A person's act on a key is no matter of the brake.
  success(await holdKey(world, world.owner, { keyId: ids.at(-1)!, reason: 'lost' }));
});

test('brake: waiting stops are released up to a number, and the rest goes on waiting', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  const [brake] = await world.prisma.brake.findMany();
  success(await releaseBrake(world, world.admin, { brakeId: brake!.id, upTo: 10 }));
  await world.reviewer.reviewDue();
  expect(await nearerCount(world)).toBe(SHARE + 10);
  // The others are as they were, however often they are looked at.
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.reviewer.reviewDue();
  expect(await nearerCount(world)).toBe(SHARE + 10);
  expect(await world.prisma.waitingStop.count()).toBe(KEYS - SHARE - 10);
  success(await releaseBrake(world, world.admin, { brakeId: brake!.id, reason: 'We have asked them all.' }));
  await world.reviewer.reviewDue();
  expect(await nearerCount(world)).toBe(KEYS);
  expect(await world.prisma.waitingStop.count()).toBe(0);
  expect(failureOf(await releaseBrake(world, world.admin, { brakeId: brake!.id }))).toBe('BrakeNotFound');
});

test('brake: a cancelled brake drops its waiting stops, and its cause changes nothing any more', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  const { id } = await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  const [brake] = await world.prisma.brake.findMany();
  success(await cancelBrake(world, world.admin, { brakeId: brake!.id, reason: 'It was a wrong unit.' }));
  await world.reviewer.reviewDue();
  expect(await world.prisma.binding.findUniqueOrThrow({ where: { id } })).toMatchObject({ mode: 'SHADOW' });
  expect(await nearerCount(world)).toBe(0);
  expect(await world.prisma.waitingStop.count()).toBe(0);
});

test('brake: a change confirmed with its preview has the previewed number as its budget', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  const life = { policy: 'life', config: { life: 'P40D' } };
  const previewToken = await world.token(life);
  await world.issueMany(KEYS);
  await world.bind({ ...life, previewToken });
  await world.reviewer.reviewDue();
  // Those of which it was asked, and one in a hundred more; those that came meanwhile are over it.
  expect(await nearerCount(world)).toBe(Math.ceil(KEYS * 1.01));
  expect(await world.prisma.brake.count({ where: { state: 'ENGAGED' } })).toBe(1);
});

test('brake: the budget of a preview still applies when the module is missing at first', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  const life = { policy: 'life', config: { life: 'P90D' } };
  const { id } = await world.bind({ ...life, previewToken: await world.token(life) });
  await world.remove('life');
  await world.reviewer.reviewDue();
  expect(await nearerCount(world)).toBe(0);
  await world.write('life', LIFE);
  await world.travel(2 * HOUR_MS);
  expect(await nearerCount(world)).toBe(KEYS);
  expect(await world.prisma.brake.count()).toBe(0);
  // And no longer when it has been done.
  expect(await world.prisma.binding.findUniqueOrThrow({ where: { id } })).toMatchObject({ budget: null });
});

test('brake: nodes that review at the same time brake as one', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.prisma.binding.updateMany({ data: { sweepCursor: null } });
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  const nodes = [world.reviewer, anotherNode(world), anotherNode(world)];
  await Promise.all(nodes.map((node) => node.reviewDue()));
  expect(await nearerCount(world)).toBe(SHARE);
  expect(await world.prisma.waitingStop.count()).toBe(KEYS - SHARE);
  expect(await world.prisma.key.count({ where: { stopsAt: addMs(world.clock.now(), 40 * DAY_MS) } })).toBe(SHARE);
});

test('brake: use still extends a key whose stop waits, and its renewal does not take it past the brake', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const issued = [];
  for (let index = 0; index < KEYS; index += 1) issued.push(await world.issue());
  await world.travel(360 * DAY_MS);
  await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  const waiting = new Set((await world.prisma.waitingStop.findMany()).map(({ keyId }) => keyId));
  const left = issued.filter(({ keyId }) => waiting.has(keyId));
  expect(left).toHaveLength(KEYS - SHARE);
  for (let day = 0; day < 20; day += 2) {
    for (const { secret } of left) await world.verify(secret);
    if (day === 4) {
      const { keyId } = left[0]!;
      success(await renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }));
    }
    await world.travel(2 * DAY_MS);
  }
  expect(await nearerCount(world)).toBe(SHARE);
  expect(await world.prisma.waitingStop.count()).toBe(KEYS - SHARE);
  const stops = await world.prisma.key.findMany({ where: { id: { in: [...waiting] } }, select: { stopsAt: true } });
  for (const { stopsAt } of stops)
    expect(stopsAt!.getTime()).toBeGreaterThan(world.clock.now().getTime() + 350 * DAY_MS);
});

test('brake: a change of the binding ends the brake of its previous revision', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  const { id } = await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  success(await updateBinding(world, world.admin, { bindingId: id, mode: 'SHADOW' }));
  await world.reviewer.reviewDue();
  expect(await world.prisma.brake.count({ where: { state: 'ENGAGED' } })).toBe(0);
  expect(await world.prisma.waitingStop.count()).toBe(0);
  expect(await nearerCount(world)).toBe(0);
});

test('brake: an announced change that takes effect ends the brake of the previous revision', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  const { id } = await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  const effectiveAt = addMs(world.clock.now(), DAY_MS);
  success(await updateBinding(world, world.admin, { bindingId: id, config: { life: 'P3650D' }, effectiveAt }));
  await world.reviewer.reviewDue();
  expect(await world.prisma.waitingStop.count()).toBe(KEYS - SHARE);
  await world.travel(2 * DAY_MS);
  expect(await world.prisma.brake.count({ where: { state: 'ENGAGED', revision: 1 } })).toBe(0);
  expect(await world.prisma.waitingStop.count({ where: { brake: { revision: 1 } } })).toBe(0);
});

test('brake: a withdrawn announcement leaves the stops behind the brake waiting', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  const { id } = await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  const effectiveAt = addMs(world.clock.now(), DAY_MS);
  success(await updateBinding(world, world.admin, { bindingId: id, config: { life: 'P3650D' }, effectiveAt }));
  success(await unbindPolicy(world, world.admin, { bindingId: id }));
  await world.travel(2 * HOUR_MS);
  expect(await nearerCount(world)).toBe(SHARE);
  expect(await world.prisma.waitingStop.count()).toBe(KEYS - SHARE);
  expect(await world.prisma.brake.count({ where: { state: 'ENGAGED' } })).toBe(1);
});

test('brake: a binding that changes while its policy is evaluated is braked as its new revision, and not as the old one', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  const { id } = await world.bind({ policy: 'life', config: { life: 'P40D' } });
  const evaluate = world.policies.evaluate.bind(world.policies);
  const asked = vi.spyOn(world.policies, 'evaluate').mockImplementation(async (question) => {
    const evaluations = await evaluate(question);
    if (JSON.stringify(question.config) !== '{"life":"P40D"}') return evaluations;
    asked.mockRestore();
    success(await updateBinding(world, world.admin, { bindingId: id, config: { life: 'P3650D' } }));
    return evaluations;
  });
  await world.reviewer.reviewDue();
  // Also a late HARD cap counts as a shortening of a stop that use moves.
  expect(await world.prisma.brake.findMany()).toMatchObject([{ state: 'ENGAGED', revision: 2 }]);
  expect(await nearerCount(world)).toBe(0);
});

test('brake: cancelling it after its binding has changed leaves the binding as it is', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  const { id } = await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  const [brake] = await world.prisma.brake.findMany({ where: { state: 'ENGAGED' } });
  expect(brake?.revision).toBe(1);
  // As if a node of the release before had engaged it after the change.
  await world.prisma.binding.update({ where: { id }, data: { revision: { increment: 1 } } });
  success(await cancelBrake(world, world.admin, { brakeId: brake!.id }));
  expect(await world.prisma.binding.findUniqueOrThrow({ where: { id } })).toMatchObject({
    mode: 'ENFORCED',
    revision: 2,
  });
  expect((await world.realmEvents()).at(-1)).toMatchObject({ type: 'BRAKE_CANCELLED', data: { isInForce: false } });
});

test('brake: keys that end while they wait give their place to others', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  // Their ids are later, so that they are the last to pass and to be released.
  world.clock.advance(SECOND_MS);
  for (let index = 0; index < 2 * SHARE; index += 1) await world.issue({ ask: { lifetimeMs: 60 * DAY_MS } });
  await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  const order = [{ since: 'asc' as const }, { keyId: 'asc' as const }];
  const first = await world.prisma.waitingStop.findMany({
    where: { key: { chosenExpiresAt: null } },
    orderBy: order,
    take: 10,
  });
  for (const { keyId } of first) success(await revokeKey(world, world.owner, { keyId, reason: 'no longer needed' }));
  expect(await world.prisma.waitingStop.count()).toBe(KEYS + SHARE - 10);
  const [brake] = await world.prisma.brake.findMany();
  success(await releaseBrake(world, world.admin, { brakeId: brake!.id, upTo: 10 }));
  await world.reviewer.reviewDue();
  expect(await world.prisma.brake.findFirst()).toMatchObject({ allowance: 10, passed: 10 });
  expect(await world.prisma.waitingStop.count()).toBe(KEYS + SHARE - 20);
  // A key that time ends, and that a person holds before it is reviewed.
  const where = { key: { chosenExpiresAt: { not: null } } };
  const { keyId } = await world.prisma.waitingStop.findFirstOrThrow({ where });
  world.clock.advance(61 * DAY_MS);
  expect(failureOf(await holdKey(world, world.owner, { keyId, reason: 'lost' }))).toBe('KeyNotActive');
  expect(await world.prisma.waitingStop.count({ where: { keyId } })).toBe(0);
});

test('brake: a release during reviews of the waiting keys does not deadlock', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  const life = await world.bind({ policy: 'life', config: { life: 'P40D' } });
  await world.reviewer.reviewDue();
  const [brake] = await world.prisma.brake.findMany();
  const nodes = [anotherNode(world), anotherNode(world)];
  for (let round = 0; round < 6; round += 1) {
    await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
    const released = [1, 2, 3].map((upTo) => releaseBrake(world, world.admin, { brakeId: brake!.id, upTo }));
    const looks = nodes.map((node) => node.reviewDue());
    (await Promise.all(released)).map(success);
    await Promise.all(looks);
  }
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.reviewer.reviewDue();
  expect(await nearerCount(world)).toBe(SHARE + 36);
  const looks = nodes.map((node) => node.reviewDue());
  success(await updateBinding(world, world.admin, { bindingId: life.id, reason: 'Asked again.' }));
  await Promise.all(looks);
});
