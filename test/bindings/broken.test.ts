import { expect, test, vi } from 'vitest';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { importKeys } from '../../src/keys/import/import-keys.ts';
import type { ImportedKeyInput } from '../../src/keys/import/import-row.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { openBindingWorld, FUSSY, LIFE, type BindingWorld } from '../support/binding-world.ts';
import { makeImportRows } from '../support/import-rows.ts';
import { success } from '../support/key-world.ts';

const life = { policy: 'life', config: { life: 'P60D' } };

/** The same as FUSSY, but it never comes to an end with that key. */
const LOOPS = FUSSY.replace('throw new Error("boom");', 'for (;;);');

function binding({ prisma }: BindingWorld, id: string) {
  return prisma.binding.findUniqueOrThrow({ where: { id } });
}

function boundCount({ prisma }: BindingWorld): Promise<number> {
  return prisma.key.count({ where: { stopsBasis: 'HARD' } });
}

async function dataOfLast(world: BindingWorld, type: string) {
  return (await world.realmEvents()).findLast((event) => event.type === type)?.data;
}

test(
  'broken binding: a module that throws for one key is asked about all others, now and later',
  { timeout: 120_000 },
  async () => {
    const world = await openBindingWorld();
    await world.write('life', FUSSY);
    const boom = await world.issue({ name: 'boom' });
    world.clock.advance(MINUTE_MS);
    await world.issueMany(520);
    const { id } = await world.bind({ ...life, previewToken: await world.token(life) });
    await world.reviewer.reviewDue();
    expect(await boundCount(world)).toBe(520);
    expect(await binding(world, id)).toMatchObject({ health: 'BROKEN', fault: { kind: 'THROWS', keyCount: 1 } });
    expect(await dataOfLast(world, 'POLICY_APPLIED')).toMatchObject({ keyCount: 521, silentCount: 1 });
    const { keyId } = await world.issue();
    expect(await world.key(keyId)).toMatchObject({
      stopsAt: addMs(world.clock.now(), 60 * DAY_MS),
      stopsBasis: 'HARD',
    });
    await world.travel(2 * HOUR_MS);
    const { retryAt, health } = await binding(world, id);
    expect(health).toBe('BROKEN');
    expect(retryAt!.getTime()).toBeGreaterThan(world.clock.now().getTime());
    // Repaired for that key, it works by itself.
    await world.prisma.key.update({ where: { id: boom.keyId }, data: { name: 'quiet' } });
    await world.travel(2 * HOUR_MS);
    expect(await binding(world, id)).toMatchObject({ health: 'WORKING', retryAt: null });
    expect(await boundCount(world)).toBe(522);
  },
);

test('broken binding: a module that loops for one key rests until it is known to loop for that key alone', async () => {
  const world = await openBindingWorld();
  await world.write('life', LOOPS);
  const { id } = await world.bind(life);
  await world.reviewer.reviewDue();
  await world.issue({ name: 'boom' });
  expect(await binding(world, id)).toMatchObject({ health: 'BROKEN', fault: { kind: 'LOOPS', isResting: true } });
  const { keyId } = await world.issue();
  await world.reviewer.reviewDue();
  expect((await world.key(keyId)).stopsBasis).toBe('BY_USE');
  await world.travel(2 * MINUTE_MS);
  expect(await binding(world, id)).toMatchObject({ health: 'BROKEN', fault: { kind: 'LOOPS', isResting: false } });
  expect((await world.key(keyId)).stopsBasis).toBe('HARD');
});

test('broken binding: a key that is imported while its module rests is due for review at once', async () => {
  const world = await openBindingWorld();
  await world.write('life', LOOPS);
  const { id } = await world.bind(life);
  await world.reviewer.reviewDue();
  await world.issue({ name: 'boom' });
  expect(await binding(world, id)).toMatchObject({ fault: { isResting: true } });
  const row = makeImportRows(1, world.owner.id)[0]?.row;
  const rest = { state: 'ACTIVE', stateReason: null, randomBits: null, labels: [], createdAt: null, lastUsedAt: null };
  const more = { subject: null, notBefore: null, expiresAt: null, allowedAddresses: [], source: null };
  const keys = [{ ...row, ...rest, ...more, externalKeyId: null } as unknown as ImportedKeyInput];
  const imported = success(await importKeys(world, world.admin, { realm: 'default', keys, ramp: null, dryRun: false }));
  const keyId = imported.rows[0]?.keyId ?? '';
  expect((await world.key(keyId)).reviewAt?.getTime()).toBeLessThanOrEqual(world.clock.now().getTime());
  await world.travel(2 * MINUTE_MS);
  expect((await world.key(keyId)).stopsBasis).toBe('HARD');
});

test('broken binding: recovers when it no longer selects the key that it failed for', async () => {
  const world = await openBindingWorld();
  await world.write('life', FUSSY);
  const { keyId } = await world.issue({ name: 'boom' });
  const { id } = await world.bind({ policy: 'life', selector: { owners: [world.owner.id] } });
  await world.travel(0);
  expect((await binding(world, id)).health).toBe('BROKEN');
  success(await transferKey(world, world.admin, { keyId, owner: world.heir.id }));
  await world.travel(HOUR_MS);
  expect((await binding(world, id)).health).toBe('WORKING');
  const judgedAt = async () => (await world.prisma.judgement.findUniqueOrThrow({ where: { keyId } })).judgedAt;
  const before = await judgedAt();
  await world.travel(MINUTE_MS);
  expect(await judgedAt()).toEqual(before);
});

test('broken binding: a key issued meanwhile gets no verdict of another key', async () => {
  const world = await openBindingWorld();
  const { id } = await world.prisma.binding.findFirstOrThrow({ where: { policy: 'renewal-window' } });
  await world.issue({ ask: { lifetimeMs: 20 * DAY_MS } });
  await world.travel(15 * DAY_MS);
  const { lastBounds } = await binding(world, id);
  expect(lastBounds).toMatchObject({ renewal: { isAllowed: true, longest: null } });
  const asked = vi
    .spyOn(world.policies, 'evaluate')
    .mockImplementation(async ({ facts }) => facts.map(() => ({ fault: { kind: 'CRASHES', message: 'gone' } })));
  const { keyId } = await world.issue({ ask: { lifetimeMs: 300 * DAY_MS } });
  asked.mockRestore();
  const key = await world.key(keyId);
  expect(key).toMatchObject({ stopsAt: addMs(world.clock.now(), 300 * DAY_MS), renewalDueAt: null });
  expect(JSON.stringify(key.judgement)).toContain('LAST_BOUNDS');
});

test('broken binding: is recorded as applied only after all keys were evaluated', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(3);
  await world.bind(life);
  await world.remove('life');
  const applied = async () => (await world.realmEvents()).filter(({ type }) => type === 'POLICY_APPLIED').length;
  await world.prisma.binding.updateMany({ where: { policy: { not: 'life' } }, data: { sweepCursor: null } });
  await world.travel(0);
  await world.travel(HOUR_MS);
  expect([await applied(), await boundCount(world)]).toEqual([0, 0]);
  await world.write('life', LIFE);
  await world.travel(2 * HOUR_MS);
  expect([await applied(), await boundCount(world)]).toEqual([1, 1]);
  expect(await dataOfLast(world, 'POLICY_APPLIED')).toMatchObject({ keyCount: 3, silentCount: 0 });
});

test('broken binding: withdrawing an announced change records that it is mended', async () => {
  const world = await openBindingWorld();
  await world.write('life', FUSSY);
  await world.issue({ name: 'boom' });
  const { id } = await world.bind({ policy: 'life' });
  const effectiveAt = addMs(world.clock.now(), 20 * DAY_MS);
  success(await updateBinding(world, world.admin, { bindingId: id, config: { life: 'P80D' }, effectiveAt }));
  await world.reviewer.reviewDue();
  expect(await binding(world, id)).toMatchObject({ health: 'BROKEN' });
  success(await unbindPolicy(world, world.admin, { bindingId: id }));
  expect(await binding(world, id)).toMatchObject({ health: 'WORKING', revision: 3 });
  expect((await world.realmEvents()).slice(-2)).toMatchObject([
    { type: 'POLICY_UNBOUND' },
    { type: 'POLICY_MENDED', data: { bindingId: id, revision: 3 } },
  ]);
});

test('broken binding: a change that makes it work again records that it is mended', async () => {
  const world = await openBindingWorld();
  await world.write('life', FUSSY);
  await world.issue({ name: 'boom' });
  const { id } = await world.bind({ policy: 'life' });
  await world.reviewer.reviewDue();
  expect(await binding(world, id)).toMatchObject({ health: 'BROKEN' });
  await world.write('life', LIFE);
  const hash = world.policies.versions().find(({ name, isCurrent }) => name === 'life' && isCurrent)!.hash;
  success(await updateBinding(world, world.admin, { bindingId: id, hash }));
  await world.reviewer.reviewDue();
  const told = (await world.realmEvents()).filter(({ type }) =>
    ['POLICY_BROKEN', 'POLICY_CHANGED', 'POLICY_MENDED'].includes(type),
  );
  expect(told.map(({ type }) => type)).toEqual(['POLICY_BROKEN', 'POLICY_CHANGED', 'POLICY_MENDED']);
  expect(told.at(-1)).toMatchObject({
    actorKind: 'ACCOUNT',
    data: { bindingId: id, policy: 'life', hash, revision: 2 },
  });
  success(await updateBinding(world, world.admin, { bindingId: id, config: { life: 'P80D' } }));
  expect((await world.realmEvents()).at(-1)).toMatchObject({ type: 'POLICY_CHANGED' });
});
