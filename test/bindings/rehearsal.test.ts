import { expect, onTestFinished, test, vi } from 'vitest';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { askModules } from '../../src/policies/ask-modules.ts';
import type { Policies, Question } from '../../src/policies/policies.ts';
import { LIFE, openBindingWorld, type BindingWorld } from '../support/binding-world.ts';
import { interceptEvaluation } from '../support/intercept-evaluation.ts';
import { failureOf, success } from '../support/key-world.ts';

/** Makes a change once, while the modules evaluate: a second after the rehearsal has read, and before the transaction. */
function changeDuringEvaluation(world: BindingWorld, change: () => Promise<unknown>): { isDone(): boolean } {
  let isDone = false;
  const { original } = interceptEvaluation(
    world,
    () => true,
    async (question) => {
      const isFirst = !isDone;
      isDone = true;
      if (isFirst) world.clock.advance(1_000);
      if (isFirst) await change();
      return original(question);
    },
  );
  return { isDone: () => isDone };
}

async function lifetimeOf(world: BindingWorld, keyId: string): Promise<number> {
  const { expiresAt, createdAt } = await world.key(keyId);
  return Math.round((expiresAt!.getTime() - createdAt.getTime()) / DAY_MS);
}

test('rehearsal: a policy that is bound while a key is issued applies to that key', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const during = changeDuringEvaluation(world, () => world.bind({ policy: 'life', config: { life: 'P20D' } }));
  const { keyId } = await world.issue({ ask: { lifetimeMs: 100 * DAY_MS } });
  expect(during.isDone()).toBe(true);
  expect(await lifetimeOf(world, keyId)).toBe(20);
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED']);
});

test('rehearsal: a configuration that changes while a key is renewed decides the renewal', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { id: bindingId } = await world.bind({ policy: 'life', config: { life: 'P60D' } });
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const config = { life: 'P90D' };
  const during = changeDuringEvaluation(world, async () =>
    success(await updateBinding(world, world.admin, { bindingId, config })),
  );
  const ask = { lifetimeMs: 80 * DAY_MS };
  success(await renewKey(world, world.owner, { keyId, ask, accept: ['EXTEND'] }));
  expect(during.isDone()).toBe(true);
  expect(await lifetimeOf(world, keyId)).toBe(80);
  const { judgement } = await world.key(keyId);
  const binding = await world.prisma.binding.findUniqueOrThrow({ where: { id: bindingId } });
  expect(judgement!.verdicts).toContainEqual(expect.objectContaining({ bindingId, revision: binding.revision }));
});

test('rehearsal: bounds of the realm that change while a key is issued apply to that key', async () => {
  const world = await openBindingWorld();
  const during = changeDuringEvaluation(world, () =>
    world.prisma.realm.update({
      where: { id: world.realmId },
      data: { longestLifetimeMs: BigInt(50 * DAY_MS) },
    }),
  );
  await expect(world.issue({ ask: { lifetimeMs: 100 * DAY_MS } })).rejects.toThrow(
    /ExpiryOutOfBounds.* to 2027-01-12T12:00:01/,
  );
  expect(during.isDone()).toBe(true);
});

test('rehearsal: an owner who is disabled while a key is renewed is evaluated as disabled', async () => {
  const world = await openBindingWorld();
  await world.write('owner', OWNER);
  await world.bind({ policy: 'owner' });
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const { accountId } = await world.key(keyId);
  const disabledAt: (number | null | undefined)[] = [];
  const { original } = interceptEvaluation(
    world,
    () => true,
    async (question) => {
      const isFirst = disabledAt.length === 0;
      disabledAt.push(...question.facts.map(({ owner }) => owner.disabledAt));
      if (isFirst) world.clock.advance(1_000);
      const data = { disabledAt: world.clock.now() };
      if (isFirst) await world.prisma.account.update({ where: { id: accountId! }, data });
      return original(question);
    },
  );
  success(await renewKey(world, world.admin, { keyId, ask: null, accept: ['EXTEND'] }));
  // Modules that read nothing of the owner get none of it.
  expect(disabledAt[0]).toBeNull();
  expect(disabledAt).toContain(world.clock.now().getTime());
});

test('rehearsal: a key that expires while its policies are evaluated cannot renew itself', async () => {
  const world = await openBindingWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  const { expiresAt } = await world.key(keyId);
  world.clock.travelTo(new Date(expiresAt!.getTime() - 500));
  const caller = await world.callerOf(secret);
  const during = changeDuringEvaluation(world, async () => expect(await world.probe(secret)).toBe('KEY_EXPIRED'));
  const renewed = await renewKey(world, caller, { ask: { lifetimeMs: 2 * DAY_MS }, accept: ['EXTEND'] });
  expect(during.isDone()).toBe(true);
  expect(failureOf(renewed)).toBe('KeyNotActive');
  expect((await world.key(keyId)).expiresAt).toEqual(expiresAt);
});

test('rehearsal: the old secret retires no earlier than the rotation that a slow policy delays', async () => {
  const world = await openBindingWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const during = changeDuringEvaluation(world, async () => expect(await world.probe(secret)).toBe('VALID'));
  const { previousRetiresAt } = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  expect(during.isDone()).toBe(true);
  // Law 1: the old secret was accepted until now, so that it must not have retired before.
  expect(previousRetiresAt).toEqual(world.clock.now());
  expect(await world.probe(secret)).toBe('SECRET_RETIRED');
});

test('rehearsal: a key that becomes due while a caller waits is changed as its review leaves it, in one request', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.bind({ policy: 'life', config: { life: 'P300D' } });
  await world.reviewer.reviewDue();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const { reviewAt } = await world.key(keyId);
  // No review runs, so that the request itself records what time has changed.
  world.clock.travelTo(new Date(reviewAt!.getTime() + 1_000));
  success(await renewKey(world, world.owner, { keyId, ask: { lifetimeMs: 60 * DAY_MS }, accept: ['EXTEND'] }));
  const types = await world.eventTypes(keyId);
  expect(types.filter((type) => type === 'KEY_RENEWED')).toHaveLength(1);
  expect(types.at(-1)).toBe('KEY_RENEWED');
});

test('rehearsal: a key that is used whenever modules evaluate a batch has its review all the same', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const hot = await world.issue({ ask: { lifetimeMs: 90 * DAY_MS } });
  await world.issueMany(3);
  await world.reviewer.reviewDue();
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  let batchCount = 0;
  const { original } = interceptEvaluation(
    world,
    ({ facts }) => facts.length > 1,
    async (question) => {
      batchCount += 1;
      world.clock.advance(1_000);
      await world.verify(hot.secret);
      return original(question);
    },
  );
  await world.reviewer.reviewDue();
  expect(batchCount).toBeGreaterThan(0);
  const { reviewAt, lastUsedAt } = await world.key(hot.keyId);
  expect(lastUsedAt).not.toBeNull();
  expect(reviewAt === null || reviewAt > world.clock.now()).toBe(true);
});

test('rehearsal: the time that the modules of one realm take is bounded, and no other realm waits for them', async () => {
  const now = vi.spyOn(performance, 'now');
  onTestFinished(() => now.mockRestore());
  let time = 0;
  now.mockImplementation(() => time);
  const asked: string[] = [];
  const questionOf = (realmId: string, hash: string) => ({ realmId, hash, facts: [{}] }) as unknown as Question;
  const evaluate = async ({ realmId, hash }: Question) => {
    asked.push(`${realmId} ${hash}`);
    if (realmId === 'slow') time += 3_000;
    return ['LATER' as const];
  };
  const questions = Array.from({ length: 12 }, (_, index) => questionOf('slow', `${index}`));
  await askModules({ evaluate } as unknown as Policies, [...questions, questionOf('other', 'a')]);
  expect(asked.filter((one) => one.startsWith('slow'))).toHaveLength(4);
  expect(asked.indexOf('other a')).toBe(1);
});

/** A module that reads who owns a key. */
const OWNER = `import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'owner',
  version: '1.0.0',
  title: 'Owners',
  summary: 'Reads the owner.',
  config: z.strictObject({}),
  reads: ['OWNER'],
  expiry: ({ owner }) => ({ request: null, cap: null, reason: { code: 'OWNER', sentence: owner.kind } }),
});
`;
