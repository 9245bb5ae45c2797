import { expect, test } from 'vitest';
import { disableAccount } from '../../src/accounts/disable-account.ts';
import { bindPolicy } from '../../src/bindings/bind.ts';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { updateRealm } from '../../src/realms/update-realm.ts';
import { openBindingWorld, FUSSY } from '../support/binding-world.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';
import { success } from '../support/key-world.ts';

test('concurrency: keys are issued and renewed while their realm changes and a module fails, without a deadlock', async () => {
  const world = await openBindingWorld();
  await world.write('life', FUSSY);
  const { keyId } = await world.issue({ name: 'boom', ask: { lifetimeMs: 30 * DAY_MS } });
  const { id } = await world.bind({ policy: 'life' });
  for (let round = 0; round < 6; round += 1) {
    // Each round is a fault that has not been written yet.
    world.clock.advance(2 * MINUTE_MS);
    await world.prisma.binding.update({ where: { id }, data: { health: 'WORKING', retryAt: null } });
    const all = await Promise.all([
      ...[1, 2, 3].map(() => world.issue({ name: 'boom' })),
      renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }),
      updateBinding(world, world.admin, { bindingId: id, reason: 'again' }),
      updateRealm(world, world.admin, { realm: 'default', name: `Round ${round}` }),
      bindPolicy(world, world.admin, { realm: 'default', policy: 'dormant-owner', mode: 'SHADOW' }),
      world.reviewer.reviewDue(),
    ]);
    for (const one of all) if (typeof one === 'object') success(one);
  }
  expect(world.failures).toEqual([]);
});

test('concurrency: a review that writes to a binding twice and a removal of the binding in between do not deadlock', async () => {
  const world = await openBindingWorld();
  const { id } = await world.bind({ policy: 'dormant-owner' });
  const [isWritten, isWaitedFor] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const look = world.prisma.$transaction(async (tx) => {
    await tx.binding.update({ where: { id }, data: { lastBounds: { at: 0 } } });
    isWritten.resolve();
    await isWaitedFor.promise;
    // Of a row that it has written itself PostgreSQL checks the reference to the realm again.
    await tx.binding.update({ where: { id }, data: { sweepDone: 1 } });
  });
  await isWritten.promise;
  const gone = unbindPolicy(world, world.admin, { bindingId: id });
  await waitUntilBlocked(world.prisma);
  isWaitedFor.resolve();
  await look;
  success(await gone);
});

test('concurrency: a key whose owner leaves during its review is reviewed again', async () => {
  const world = await openBindingWorld();
  await world.bind({ policy: 'dormant-owner', config: { unverified: null } });
  const { keyId } = await world.issue();
  await world.travel(0);
  const [isLocked, isOver] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const look = world.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Key" WHERE id = ${keyId} FOR NO KEY UPDATE`;
    isLocked.resolve();
    await isOver.promise;
    await tx.key.update({ where: { id: keyId }, data: { reviewAt: addMs(world.clock.now(), 300 * DAY_MS) } });
  });
  await isLocked.promise;
  const gone = disableAccount(world, world.admin, { accountId: world.owner.id, reason: 'gone' });
  await waitUntilBlocked(world.prisma);
  // It is disabled already: whoever looks from now on knows it.
  expect(await world.prisma.account.count({ where: { id: world.owner.id, disabledAt: null } })).toBe(0);
  isOver.resolve();
  await look;
  success(await gone);
  await world.travel(0);
  expect(await world.key(keyId)).toMatchObject({ standing: 'WARNED' });
});

test('concurrency: a module that fails for a key that is being issued is reported, and the key is issued', async () => {
  const world = await openBindingWorld();
  await world.write('life', FUSSY);
  const { id } = await world.bind({ policy: 'life' });
  const { keyId } = await world.issue({ name: 'boom' });
  expect(await world.prisma.binding.findUniqueOrThrow({ where: { id } })).toMatchObject({
    health: 'BROKEN',
    fault: { kind: 'THROWS', keyCount: 1, keyId },
  });
  expect((await world.realmEvents()).at(-1)).toMatchObject({ type: 'POLICY_BROKEN', actorId: id });
});
