import { expect, test } from 'vitest';
import { bindPolicy } from '../../src/bindings/bind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { updateRealm } from '../../src/realms/update-realm.ts';
import { openBindingWorld, FUSSY } from '../support/binding-world.ts';
import { success } from '../support/key-world.ts';

test('at once: keys are issued and renewed while their realm changes and a module fails, and nobody waits in a circle', async () => {
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

test('at once: a module that fails a key that is being issued is reported, and the key is issued', async () => {
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
