import { expect, test } from 'vitest';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import { previewPolicy } from '../../src/bindings/preview.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { LIFE, openBindingWorld } from '../support/binding-world.ts';

test('binding: a selector with a field that this release does not know selects no further key, and what is stored stays', async () => {
  const world = await openBindingWorld();
  const { prisma, reviewer } = world;
  await world.write('life', LIFE);
  const [bound, free] = [await world.issue(), await world.issue()];
  const now = world.clock.now();
  const { id } = await world.bind({ policy: 'life', config: { life: 'P60D' }, selector: { keyIds: [bound.keyId] } });
  await reviewer.reviewDue();
  const store = async (selector: Prisma.InputJsonObject) => {
    await prisma.binding.update({ where: { id }, data: { selector } });
    await prisma.key.updateMany({ data: { reviewAt: now } });
    await reviewer.reviewDue();
  };
  // As a newer release may store it. Without that field the selector would select all keys.
  for (const selector of [
    { issuedBy: 'account_x' },
    { not: { keyIds: [bound.keyId], issuedBy: 'account_x' } },
    { not: { labels: [{ name: 'policy/team', value: 'a', isPrefix: true }] } },
  ]) {
    await store(selector);
    expect((await world.key(bound.keyId)).stopsAt).toEqual(addMs(now, 60 * DAY_MS));
    expect((await world.key(free.keyId)).stopsBasis).toBe('BY_USE');
  }
  const later = await world.issue({ ask: { lifetimeMs: 300 * DAY_MS } });
  expect((await world.key(later.keyId)).stopsAt).toEqual(addMs(now, 300 * DAY_MS));
  const preview = { realm: 'default', bindingId: id, config: { life: 'P40D' } };
  expect(await previewPolicy(world, world.admin, preview)).toMatchObject({ nearerCount: 0, faultCount: 3 });
  expect(await prisma.binding.findUniqueOrThrow({ where: { id } })).toMatchObject({ health: 'WORKING' });
  // With a selector that is known keys are evaluated again.
  await store({ not: { keyIds: [free.keyId] } });
  const last = await world.issue({ ask: { lifetimeMs: 300 * DAY_MS } });
  for (const { keyId } of [bound, last]) expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 60 * DAY_MS));
  expect((await world.key(free.keyId)).stopsBasis).toBe('BY_USE');
});
