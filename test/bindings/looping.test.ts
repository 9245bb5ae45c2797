import { spawn } from 'node:child_process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { bindPolicy } from '../../src/bindings/bind.ts';
import { previewPolicy } from '../../src/bindings/preview.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { undoRotation } from '../../src/keys/undo-rotation.ts';
import { updateKey } from '../../src/keys/update.ts';
import { createRealm } from '../../src/realms/create-realm.ts';
import { openBindingWorld, LIFE, type BindingWorld } from '../support/binding-world.ts';
import { interceptEvaluation } from '../support/intercept-evaluation.ts';
import { PUSH, success } from '../support/key-world.ts';

/** A module that never returns. */
const loops = (name: string) =>
  LIFE.replace("'life'", `'${name}'`).replace('key.createdAt + life', '(() => { for (;;); })()');

async function openOtherRealm(world: BindingWorld): Promise<string> {
  const { realmId } = success(await createRealm(world, world.admin, { slug: 'other', name: 'Other' }));
  const realm = await world.prisma.realm.findUniqueOrThrow({ where: { slug: 'default' }, include: { actions: true } });
  for (const { name } of realm.actions) {
    const action = { id: `${realmId}-${name}`, realmId, name, description: '', createdAt: world.clock.now() };
    await world.prisma.action.create({ data: action });
  }
  return realmId;
}

/** Counts the transactions that are open in the world's database, and the locks on keys, bindings and realms. */
async function countOpenTransactions({ prisma }: BindingWorld): Promise<number> {
  const [row] = await prisma.$queryRaw<[{ count: number }]>`
    SELECT count(*)::int FROM pg_stat_activity
    -- Not those of this count itself: modules are asked at the same time, each with a count of its own.
    WHERE datname = current_database() AND state LIKE 'idle in transaction%'`;
  return row.count;
}

test('looping: no transaction is open while a module is asked, whatever asks it', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const open: number[] = [];
  const { original, spy } = interceptEvaluation(
    world,
    () => true,
    async (question) => {
      open.push(await countOpenTransactions(world));
      return original(question);
    },
  );
  const readConfig = world.policies.readConfig.bind(world.policies);
  const reading = vi.spyOn(world.policies, 'readConfig').mockImplementation(async (hash, config) => {
    open.push(await countOpenTransactions(world));
    return readConfig(hash, config);
  });
  onTestFinished(() => reading.mockRestore());
  const steps: Record<string, () => Promise<unknown>> = {
    bind: () => world.bind({ policy: 'life', config: { life: 'P300D' } }),
    issue: () => world.issue({ name: 'first', ask: { lifetimeMs: 100 * DAY_MS } }),
  };
  await steps['bind']!();
  const { keyId } = (await steps['issue']!()) as { keyId: string };
  const { id: bindingId } = await world.prisma.binding.findFirstOrThrow({ where: { policy: 'life' } });
  const asOwner = async (run: () => Promise<object>) => success(await run());
  const more: Record<string, () => Promise<unknown>> = {
    renew: () => asOwner(() => renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] })),
    rotate: () => asOwner(() => rotateKey(world, world.owner, { keyId })),
    undo: () => asOwner(() => undoRotation(world, world.owner, { keyId })),
    update: () =>
      asOwner(() =>
        updateKey(world, world.owner, { keyId, expiresAt: new Date(world.clock.now().getTime() + 50 * DAY_MS) }),
      ),
    resume: async () => {
      success(await holdKey(world, world.owner, { keyId, reason: 'a break' }));
      return asOwner(() => resumeKey(world, world.owner, { keyId }));
    },
    preview: () => previewPolicy(world, world.admin, { realm: 'default', policy: 'life', config: { life: 'P200D' } }),
    'change of a binding': () =>
      asOwner(() => updateBinding(world, world.admin, { bindingId, config: { life: 'P290D' } })),
    'sweep and review': () => world.travel(MINUTE_MS),
  };
  for (const [name, run] of Object.entries(more)) {
    const before = spy.mock.calls.length + reading.mock.calls.length;
    await run();
    expect([name, spy.mock.calls.length + reading.mock.calls.length > before]).toEqual([name, true]);
  }
  expect(new Set(open)).toEqual(new Set([0]));
  expect(world.failures).toEqual([]);
});

test('looping: an operation whose facts do not change is made in its first transaction', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { id: bindingId } = await world.bind({ policy: 'life', config: { life: 'P300D' } });
  const { keyId } = await world.issue({ ask: { lifetimeMs: 100 * DAY_MS } });
  await world.travel(0);
  const spy = vi.spyOn(world.prisma, '$transaction');
  onTestFinished(() => spy.mockRestore());
  const expiresAt = new Date(world.clock.now().getTime() + 50 * DAY_MS);
  const steps: Record<string, () => Promise<object>> = {
    issue: () => world.issue({ ask: { lifetimeMs: 100 * DAY_MS } }),
    renew: () => renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'], idempotencyKey: 'one' }),
    rotate: () => rotateKey(world, world.owner, { keyId }),
    undo: () => undoRotation(world, world.owner, { keyId }),
    update: () => updateKey(world, world.owner, { keyId, expiresAt }),
    hold: () => holdKey(world, world.owner, { keyId, reason: 'a break' }),
    resume: () => resumeKey(world, world.owner, { keyId }),
    bind: () => world.bind({ policy: 'dormant-owner' }),
    'change of a binding': () => updateBinding(world, world.admin, { bindingId, config: { life: 'P290D' } }),
  };
  for (const [name, run] of Object.entries(steps)) {
    const before = spy.mock.calls.length;
    success(await run());
    expect([name, spy.mock.calls.length - before]).toEqual([name, 1]);
  }
});

test('looping: while modules of one realm never return, every write of another realm is answered', async () => {
  const world = await openBindingWorld();
  await openOtherRealm(world);
  const held = await world.issue();
  const revoked = await world.issue();
  interceptEvaluation(
    world,
    ({ realmId }) => realmId === world.realmId,
    () => new Promise(() => {}),
  );
  void world.issue({ name: 'waits' });
  void renewKey(world, world.owner, { keyId: held.keyId, ask: null, accept: ['EXTEND'] });
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  void world.reviewer.reviewDue();
  await vi.waitUntil(() => vi.mocked(world.policies.evaluate).mock.calls.length >= 3, { timeout: 30_000 });
  const { keyId } = await world.issue({ realm: 'other', ask: { lifetimeMs: 90 * DAY_MS } });
  success(await renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }));
  success(await rotateKey(world, world.owner, { keyId }));
  success(await holdKey(world, world.owner, { keyId, reason: 'a break' }));
  success(await revokeKey(world, world.owner, { keyId, reason: 'over' }));
  // What needs no verdict is answered in the same realm too, on the same keys.
  success(await holdKey(world, world.owner, { keyId: held.keyId, reason: 'a break' }));
  success(await revokeKey(world, world.owner, { keyId: revoked.keyId, reason: 'over' }));
});

test(
  'looping: while modules that loop are reviewed, writes of another realm take less than 100 ms longer',
  { timeout: 120_000 },
  async () => {
    const world = await openBindingWorld();
    await openOtherRealm(world);
    await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
    /** Makes each write once, and adds to `times` how long it took. */
    const write = async (times: Record<string, number[]>) => {
      let from = performance.now();
      const timed = (name: string) => {
        (times[name] ??= []).push(performance.now() - from);
        from = performance.now();
      };
      const { keyId } = await world.issue({ realm: 'other', ask: { lifetimeMs: 90 * DAY_MS } });
      timed('issue');
      success(await renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }));
      timed('renew');
      success(await rotateKey(world, world.owner, { keyId }));
      timed('rotate');
      success(await holdKey(world, world.owner, { keyId, reason: 'a break' }));
      timed('hold');
      success(await revokeKey(world, world.owner, { keyId, reason: 'over' }));
      timed('revoke');
    };
    const [alone, beside]: Record<string, number[]>[] = [{}, {}];
    await write({});
    // Beside a process that is as busy, so that what is compared is waiting, on a machine of any size and load.
    const busy = spawn(process.execPath, ['-e', 'for (;;);']);
    onTestFinished(() => void busy.kill('SIGKILL'));
    for (let round = 0; round < 9; round += 1) await write(alone!);
    busy.kill('SIGKILL');
    for (const name of ['a-loop', 'b-loop', 'c-loop']) {
      await world.write(name, loops(name));
      await world.bind({ policy: name, mode: 'SHADOW' });
    }
    let isReviewing = true;
    const reviewing = (async () => {
      for (let round = 0; round < 3; round += 1) {
        await world.prisma.key.updateMany({ where: { realmId: world.realmId }, data: { reviewAt: world.clock.now() } });
        await world.reviewer.reviewDue();
      }
      isReviewing = false;
    })();
    while (isReviewing) await write(beside!);
    await reviewing;
    expect(await world.prisma.binding.count({ where: { health: 'BROKEN' } })).toBe(3);
    const median = (times: readonly number[] = []) => times.toSorted((a, b) => a - b)[times.length >> 1] ?? Infinity;
    for (const [name, times] of Object.entries(alone!)) {
      const longer = median(beside![name]) - median(times);
      expect([name, longer < 100], `${name}: ${longer} ms longer`).toEqual([name, true]);
    }
  },
);

test('looping: a shadow binding is asked only by reviews, and its verdict is shown soon', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { id } = await world.bind({ policy: 'life', mode: 'SHADOW' });
  await world.reviewer.reviewDue();
  const { hash } = await world.prisma.binding.findUniqueOrThrow({ where: { id } });
  const { spy } = interceptEvaluation(
    world,
    () => false,
    () => Promise.resolve([]),
  );
  const askedByRequest = () => spy.mock.calls.filter(([question]) => question.hash === hash).length;
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  success(await renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }));
  success(await rotateKey(world, world.owner, { keyId }));
  expect(askedByRequest()).toBe(0);
  await world.reviewer.reviewDue();
  expect(askedByRequest()).toBe(1);
  const { judgement } = await world.key(keyId);
  expect(JSON.stringify(judgement?.verdicts)).toContain('It is as old as a key may get.');
  // The next request keeps the verdict that is shown.
  success(await renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }));
  expect(JSON.stringify((await world.key(keyId)).judgement?.verdicts)).toContain('It is as old as a key may get.');
});

test.each(['SHADOW', 'ENFORCED'] as const)(
  'looping: modules that loop in %s are quarantined by reviews, and no request asks them again',
  { timeout: 120_000 },
  async (mode) => {
    const world = await openBindingWorld();
    const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
    const names = ['a-loop', 'b-loop', 'c-loop', 'd-loop'];
    for (const name of names) {
      await world.write(name, loops(name));
      await world.bind({ policy: name, mode });
    }
    // Each round asks at most three of them.
    for (let round = 0; round < 3; round += 1) {
      await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
      await world.reviewer.reviewDue();
    }
    const broken = await world.prisma.binding.findMany({ where: { health: 'BROKEN' }, orderBy: { policy: 'asc' } });
    expect(broken.map(({ policy, fault }) => [policy, (fault as { kind: string }).kind])).toEqual(
      names.map((name) => [name, 'LOOPS']),
    );
    const hashes = new Set(broken.map(({ hash }) => hash));
    const { spy } = interceptEvaluation(
      world,
      () => false,
      () => Promise.resolve([]),
    );
    // After the back-off a review retries them, and not a request.
    world.clock.advance(5 * MINUTE_MS);
    success(await renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }));
    success(await rotateKey(world, world.owner, { keyId }));
    await world.issue({ scopes: [PUSH] });
    const asked = () => spy.mock.calls.filter(([{ hash }]) => hashes.has(hash)).length;
    expect(asked()).toBe(0);
    await world.travel(0);
    expect(asked()).toBeGreaterThan(0);
  },
);

test('looping: a key that changes while its policies are evaluated is evaluated as it then is', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.bind({ policy: 'life', config: { life: 'P300D' } });
  await world.reviewer.reviewDue();
  const { keyId } = await world.issue({ name: 'before', ask: { lifetimeMs: 30 * DAY_MS } });
  const names: string[] = [];
  const { original } = interceptEvaluation(
    world,
    () => true,
    async (question) => {
      names.push(...question.facts.map(({ key }) => key.name));
      if (names.length === 1) await world.prisma.key.update({ where: { id: keyId }, data: { name: 'after' } });
      return original(question);
    },
  );
  success(await renewKey(world, world.owner, { keyId, ask: { lifetimeMs: 60 * DAY_MS }, accept: ['EXTEND'] }));
  expect(names).toContain('before');
  expect(names.at(-1)).toBe('after');
  expect((await world.events(keyId)).filter(({ type }) => type === 'KEY_RENEWED')).toHaveLength(1);
  // A review leaves such a key due, and the next one reviews it.
  names.length = 0;
  await world.prisma.key.update({ where: { id: keyId }, data: { name: 'before', reviewAt: world.clock.now() } });
  await world.reviewer.reviewDue();
  await world.reviewer.reviewDue();
  expect(names.at(-1)).toBe('after');
  expect((await world.key(keyId)).reviewAt!.getTime()).toBeGreaterThan(world.clock.now().getTime());
});

test('looping: a request whose facts change at every attempt is refused as UNAVAILABLE, and changes nothing', async () => {
  const world = await openBindingWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  let count = 0;
  const { original } = interceptEvaluation(
    world,
    () => true,
    async (question) => {
      count += 1;
      await world.prisma.key.update({ where: { id: keyId }, data: { name: `key ${count}` } });
      return original(question);
    },
  );
  await expect(renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED']);
  expect(count).toBeLessThan(40);
});

test('looping: a policy that cannot be checked because others take the time is not refused: try again', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { id: bindingId } = await world.bind({ policy: 'life' });
  const reading = vi.spyOn(world.policies, 'readConfig').mockResolvedValue('BUSY');
  onTestFinished(() => reading.mockRestore());
  const busy = { code: 'UNAVAILABLE', message: expect.stringContaining('Try again') };
  const input = { realm: 'default', policy: 'life' };
  await expect(bindPolicy(world, world.admin, input)).rejects.toMatchObject(busy);
  await expect(previewPolicy(world, world.admin, input)).rejects.toMatchObject(busy);
  await expect(updateBinding(world, world.admin, { bindingId, config: { life: 'P80D' } })).rejects.toMatchObject(busy);
});
