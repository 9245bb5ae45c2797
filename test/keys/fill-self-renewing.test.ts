import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { keysWithAutomation } from '../../src/keys/key-conditions.ts';
import { renewKey, type RenewKeyInput } from '../../src/keys/renew.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { openKeyWorld, success, type KeyWorld } from '../support/key-world.ts';

const extend = { ask: null, accept: ['EXTEND'] } satisfies RenewKeyInput;

/** Keys of the release before: renewed by itself, rotated by itself, renewed by a person after itself, and never renewed. */
async function openUpgradedWorld() {
  const world = await openKeyWorld();
  const issue = () => world.issue({ ask: { lifetimeMs: 60 * DAY_MS } });
  const [renewed, rotated, byHand, never] = [await issue(), await issue(), await issue(), await issue()];
  success(await renewKey(world, await world.callerOf(renewed.secret), extend));
  success(await rotateKey(world, await world.callerOf(rotated.secret), {}));
  success(await renewKey(world, await world.callerOf(byHand.secret), extend));
  success(await renewKey(world, world.owner, { ...extend, keyId: byHand.keyId }));
  const before = await readColumn(world);
  expect([renewed, rotated, byHand, never].map(({ keyId }) => before[keyId])).toEqual([true, true, false, false]);
  await world.prisma.key.updateMany({ data: { isSelfRenewing: null } });
  return { world, before, renewed };
}

async function readColumn({ prisma }: KeyWorld): Promise<Record<string, boolean | null>> {
  const rows = await prisma.key.findMany({ select: { id: true, isSelfRenewing: true } });
  return Object.fromEntries(rows.map(({ id, isSelfRenewing }) => [id, isSelfRenewing]));
}

test('self-renewing keys: the reviewer reads from the log what renewed the keys of the release before', async () => {
  const { world, before } = await openUpgradedWorld();
  // Until then no program is known to renew them.
  expect(await world.prisma.key.count({ where: keysWithAutomation('NONE', world.clock.now()) })).toBe(4);
  await world.reviewer.reviewDue();
  expect(await readColumn(world)).toEqual(before);
  expect(world.failures).toEqual([]);
});

test('self-renewing keys: a key that another transaction has locked is left for later and delays none', async () => {
  const { world, before, renewed } = await openUpgradedWorld();
  await world.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "Key" WHERE id = ${renewed.keyId} FOR UPDATE`;
    await world.reviewer.reviewDue();
    expect(await readColumn(world)).toEqual({ ...before, [renewed.keyId]: null });
  });
  // It begins again until it finds none.
  for (let poll = 0; poll < 4; poll += 1) await world.reviewer.reviewDue();
  expect(await readColumn(world)).toEqual(before);
  // Then it is over.
  await world.prisma.key.updateMany({ data: { isSelfRenewing: null } });
  for (let poll = 0; poll < 3; poll += 1) await world.reviewer.reviewDue();
  expect(new Set(Object.values(await readColumn(world)))).toEqual(new Set([null]));
});
