import { expect, test } from 'vitest';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { LIFE, openBindingWorld } from '../support/binding-world.ts';
import { success } from '../support/key-world.ts';

/** A world in which an unused key is held after 80 days, and a binding ends it after 600 days whatever it does. */
async function openCappedWorld() {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.bind({ policy: 'unused-expires', config: { idle: 'P50D', holdAfter: 'P30D', expireAfter: null } });
  const life = await world.bind({ policy: 'life', config: { life: 'P600D' } });
  const { keyId, secret } = await world.issue();
  await world.travel(0);
  const issuedAt = world.clock.now();
  const news = async () => (await world.events(keyId)).slice(1).map(({ type, data }) => ({ type, data }));
  return { world, life, keyId, secret, issuedAt, news };
}

test('review: an expiry by time alone that moves behind an earlier stop by use is recorded, with its reason', async () => {
  const { world, life, keyId, issuedAt, news } = await openCappedWorld();
  success(await updateBinding(world, world.admin, { bindingId: life.id, config: { life: 'P100D' } }));
  await world.travel(0);
  const stop = addMs(issuedAt, 80 * DAY_MS);
  expect(await world.key(keyId)).toMatchObject({ stopsAt: stop, expiresAt: addMs(issuedAt, 100 * DAY_MS) });
  const [moved] = (await world.events(keyId)).slice(1);
  expect(moved).toMatchObject({
    type: 'KEY_STOP_CHANGED',
    actorKind: 'POLICY',
    actorId: life.id,
    reason: 'It is as old as a key may get.',
    data: {
      from: stop.toISOString(),
      to: stop.toISOString(),
      basis: 'BY_USE',
      previousExpiresAt: addMs(issuedAt, 600 * DAY_MS).toISOString(),
      expiresAt: addMs(issuedAt, 100 * DAY_MS).toISOString(),
    },
  });
  expect(await news()).toHaveLength(1);
});

test('review: an expiry that policy no longer sets is recorded, and a review that moves nothing is not', async () => {
  const { world, life, issuedAt, news } = await openCappedWorld();
  success(await unbindPolicy(world, world.admin, { bindingId: life.id }));
  await world.travel(0);
  await world.travel(DAY_MS);
  const stop = addMs(issuedAt, 80 * DAY_MS).toISOString();
  const previousExpiresAt = addMs(issuedAt, 600 * DAY_MS).toISOString();
  expect(await news()).toMatchObject([
    { type: 'KEY_STOP_CHANGED', data: { from: stop, to: stop, previousExpiresAt, expiresAt: null } },
  ]);
});

test('review: what only a renewal’s date changes is noted quietly: no event, and no subscriber sees it', async () => {
  const { world, life, keyId } = await openCappedWorld();
  const head = await world.prisma.logHead.findFirstOrThrow();
  success(await updateBinding(world, world.admin, { bindingId: life.id, config: { life: 'P590D' }, mode: 'SHADOW' }));
  await world.travel(0);
  await world.prisma.key.update({ where: { id: keyId }, data: { renewalDueAt: null, reviewAt: world.clock.now() } });
  const before = (await world.events(keyId)).length;
  await world.travel(0);
  expect((await world.events(keyId)).length).toBe(before);
  const noted = await world.prisma.quietChange.findMany({ where: { number: { gt: head.quiet } } });
  const { quiet } = await world.prisma.logHead.findFirstOrThrow();
  expect(noted.at(-1)).toMatchObject({ number: quiet, keyIds: [keyId] });
});
