import { expect, test } from 'vitest';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { updateRealm } from '../../src/realms/update-realm.ts';
import { openBindingWorld, LIFE, type BindingWorld } from '../support/binding-world.ts';
import { success, type Issued } from '../support/key-world.ts';

const KEYS = 40;
/** 5 % of 40. */
const SHARE = 2;

/** A module that holds what is unused for as long as its configuration says. */
const IDLE = `import { definePolicy, duration, z } from '#policy';

export default definePolicy({
  name: 'idle',
  version: '1.0.0',
  title: 'Idle',
  summary: 'A key that is unused is held.',
  config: z.strictObject({ idle: duration().prefault('P40D') }),
  dormancy: ({ use }, { idle }) => ({
    warnAt: null,
    holdAt: use.activeAt + idle,
    expireAt: use.activeAt + idle + 86_400_000,
    reason: { code: 'IDLE', sentence: 'It was not used.' },
  }),
});
`;

/** A module whose cap use moves, or does not, as its configuration says. */
const CAP = `import { definePolicy, duration, z } from '#policy';

export default definePolicy({
  name: 'cap',
  version: '1.0.0',
  title: 'Cap',
  summary: 'A key ends when it is unused, or old.',
  config: z.strictObject({ idle: duration().prefault('P40D'), isHard: z.boolean().default(false) }),
  expiry: ({ use, key }, { idle, isHard }) => ({
    request: null,
    cap: isHard
      ? { at: key.createdAt + 86_400_000, basis: 'HARD' }
      : { at: use.activeAt + idle, basis: 'BY_USE' },
    reason: { code: 'CAP', sentence: 'It was not used.' },
  }),
});
`;

async function issueUsed(world: BindingWorld): Promise<Issued[]> {
  const issued: Issued[] = [];
  for (let index = 0; index < KEYS; index += 1) issued.push(await world.issue());
  await useAll(world, issued);
  await world.travel(0);
  return issued;
}

async function useAll(world: BindingWorld, issued: readonly Issued[]): Promise<void> {
  for (const { secret } of issued) await world.verify(secret);
}

const hardCount = ({ prisma }: BindingWorld) => prisma.key.count({ where: { stopsBasis: 'HARD' } });

test('stop by use: a used key does not end on the last verdict of a missing module', async () => {
  const world = await openBindingWorld();
  await world.write('idle', IDLE);
  await world.bind({ policy: 'idle' });
  const { keyId, secret } = await world.issue();
  await world.travel(DAY_MS);
  await world.remove('idle');
  for (let day = 0; day < 60; day += 1) {
    await world.verify(secret);
    await world.travel(DAY_MS);
  }
  expect(await world.probe(secret)).toBe('VALID');
  // Once it is there again it decides, with what use was meanwhile.
  await world.write('idle', IDLE);
  await world.travel(2 * HOUR_MS);
  const { lastUsedAt } = await world.key(keyId);
  await world.travel(38 * DAY_MS);
  expect(await world.probe(secret)).toBe('VALID');
  await world.travel(DAY_MS);
  expect(await world.key(keyId)).toMatchObject({ standing: 'HELD', stopsAt: addMs(lastUsedAt!, 40 * DAY_MS) });
});

test('stop by use: a used key is not held while its module cannot be evaluated', async () => {
  const world = await openBindingWorld();
  await world.write('idle', IDLE);
  await world.bind({ policy: 'idle', config: { idle: 'P12D' } });
  const { secret } = await world.issue();
  await world.travel(0);
  world.clock.advance(12 * DAY_MS + HOUR_MS);
  await world.verify(secret);
  const { policies } = world;
  const evaluate = policies.evaluate.bind(policies);
  policies.evaluate = async ({ facts }) => facts.map(() => 'LATER');
  await world.reviewer.reviewDue();
  policies.evaluate = evaluate;
  expect(await world.probe(secret)).toBe('VALID');
});

test('stop by use: removing a freeze while a module is missing ends nothing before its recorded stop', async () => {
  const world = await openBindingWorld();
  await world.write('idle', IDLE);
  await world.bind({ policy: 'idle', config: { idle: 'P60D' } });
  const { keyId, secret } = await world.issue();
  const now = world.clock.now();
  const freeze = { from: addMs(now, 59 * DAY_MS), to: addMs(now, 70 * DAY_MS), reason: 'the big release' };
  success(await updateRealm(world, world.admin, { realm: 'default', freezes: [freeze] }));
  await world.reviewer.reviewDue();
  await world.remove('idle');
  await world.travel(65 * DAY_MS);
  expect((await world.key(keyId)).stopsAt).toEqual(freeze.to);
  success(await updateRealm(world, world.admin, { realm: 'default', freezes: [] }));
  await world.travel(HOUR_MS);
  expect(await world.probe(secret)).toBe('VALID');
});

test('notice: a BY_USE cap promises nothing for a HARD cap', async () => {
  const world = await openBindingWorld();
  await world.write('cap', CAP);
  const { id } = await world.bind({ policy: 'cap', config: { idle: 'P2D' } });
  const { keyId, secret } = await world.issue();
  for (let day = 0; day < 10; day += 1) {
    await world.verify(secret);
    await world.travel(DAY_MS);
  }
  await world.verify(secret);
  success(await updateBinding(world, world.admin, { bindingId: id, config: { isHard: true } }));
  await world.reviewer.reviewDue();
  await world.verify(secret);
  await world.travel(29 * DAY_MS - HOUR_MS);
  expect(await world.probe(secret)).not.toBe('KEY_EXPIRED');
  const hard = await world.prisma.judgement.findUniqueOrThrow({ where: { keyId } });
  const kept = (hard.verdicts as unknown as { bindingId: string; kept: { cap: number } }[]).find(
    ({ bindingId }) => bindingId === id,
  );
  expect(kept!.kept.cap).toBeGreaterThan(world.clock.now().getTime());
});

test('brake: a HARD cap just behind a BY_USE stop is counted when it is set, not when it decides', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const unused = await world.prisma.binding.findFirstOrThrow({ where: { policy: 'unused-expires' } });
  const config = { idle: 'P10D', holdAfter: 'P10D', expireAfter: 'P40D' };
  success(await updateBinding(world, world.admin, { bindingId: unused.id, config }));
  await world.reviewer.reviewDue();
  const issued = await issueUsed(world);
  await world.bind({ policy: 'life', config: { life: 'P1D' } });
  await world.reviewer.reviewDue();
  expect(await world.prisma.waitingStop.count()).toBe(KEYS - SHARE);
  for (let day = 0; day < 29; day += 7) {
    await world.travel(7 * DAY_MS);
    await useAll(world, issued);
  }
  await world.travel(2 * DAY_MS);
  expect(await world.prisma.key.count({ where: { expiredAt: { not: null } } })).toBe(SHARE);
});

test('brake: stops that wait behind one binding’s brake do not pass by another binding', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const issued = await issueUsed(world);
  await world.bind({ policy: 'life', config: { life: 'P200D' } });
  await world.bind({ policy: 'life', config: { life: 'P250D' } });
  await world.reviewer.reviewDue();
  expect(await hardCount(world)).toBe(SHARE);
  for (let month = 0; month < 14; month += 1) {
    await world.travel(30 * DAY_MS);
    await useAll(world, issued);
  }
  // Each of the two causes has its own share.
  expect(await hardCount(world)).toBeLessThanOrEqual(2 * SHARE);
  expect(await world.prisma.key.count({ where: { expiredAt: { not: null } } })).toBeLessThanOrEqual(2 * SHARE);
});

test('brake: renewals of many keys take no stop past it', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const issued = await issueUsed(world);
  await world.travel(60 * DAY_MS);
  await world.bind({ policy: 'life', config: { life: 'P400D' } });
  for (const { keyId } of issued) {
    success(await renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }));
  }
  await world.travel(DAY_MS);
  expect(await hardCount(world)).toBe(SHARE);
});
