import { expect, test } from 'vitest';
import { disableAccount } from '../../src/accounts/disable-account.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { openBindingWorld, LIFE } from '../support/binding-world.ts';
import { failureOf, success } from '../support/key-world.ts';

// What a person does to a key stands, as far as policy lets it, and where it does not the person is told.

test('resume: policy holds a resumed key again only with notice', async () => {
  const world = await openBindingWorld();
  await world.bind({ policy: 'dormant-owner', config: { unverified: null, expireAfter: 'P300D' } });
  const { keyId, secret } = await world.issue();
  await world.reviewer.reviewDue();
  const disabledAt = world.clock.now();
  success(await disableAccount(world, world.admin, { accountId: world.owner.id, reason: 'gone' }));
  for (let day = 0; day < 32; day += 1) await world.travel(DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_HELD');
  const now = world.clock.now();
  success(await resumeKey(world, world.admin, { keyId, reason: 'The release needs it.' }));
  await world.travel(5 * MINUTE_MS);
  expect(await world.probe(secret)).toBe('VALID');
  const { stopsAt } = await world.key(keyId);
  expect(stopsAt!.getTime()).toBeGreaterThanOrEqual(addMs(now, 30 * DAY_MS).getTime());
  const changed = (await world.events(keyId)).findLast(({ type }) => type === 'KEY_STOP_CHANGED');
  expect(changed?.data).toMatchObject({
    from: addMs(disabledAt, 300 * DAY_MS).toISOString(),
    to: stopsAt!.toISOString(),
  });
  for (let day = 0; day < 30; day += 1) await world.travel(DAY_MS);
  expect(await world.probe(secret)).toBe('VALID');
  for (let day = 0; day < 2; day += 1) await world.travel(DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_HELD');
});

test('renew: if policy limits a renewal below the shortest requested lifetime, that limit applies', async () => {
  const world = await openBindingWorld();
  for (const [policy, config] of [
    ['renewal-window', { longest: 'P7D' }],
    ['bounded-lifetime', { shortest: 'P30D' }],
  ] as const) {
    const { id } = await world.prisma.binding.findFirstOrThrow({ where: { policy } });
    success(await updateBinding(world, world.admin, { bindingId: id, config }));
  }
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  await world.travel(28 * DAY_MS);
  const [renewal, now] = [{ keyId, accept: ['EXTEND' as const] }, world.clock.now()];
  expect(await renewKey(world, world.owner, { ...renewal, ask: { lifetimeMs: 8 * DAY_MS } })).toMatchObject({
    failure: 'ExpiryOutOfBounds',
    details: { earliest: addMs(now, 7 * DAY_MS), latest: addMs(now, 7 * DAY_MS) },
  });
  success(await renewKey(world, world.owner, { ...renewal, ask: { lifetimeMs: 7 * DAY_MS } }));
  expect((await world.key(keyId)).expiresAt).toEqual(addMs(now, 7 * DAY_MS));
});

test('renew: a revival that policy would end at once is refused with its reason, and nothing changes', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { keyId, secret } = await world.issue();
  const { id } = await world.bind({ policy: 'life', config: { life: 'P60D' } });
  await world.travel(0);
  await world.travel(61 * DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
  const before = [await world.key(keyId), await world.eventTypes(keyId)];
  const again = { keyId, ask: null, accept: ['EXTEND' as const] };
  const refused = await renewKey(world, world.owner, again);
  expect(failureOf(refused)).toBe('RenewalNotAllowed');
  expect(refused).toMatchObject({
    message: expect.stringMatching(/It is as old as a key may get\./),
    details: { allowedAt: null },
  });
  expect([await world.key(keyId), await world.eventTypes(keyId)]).toEqual(before);
  // Policy that says something else meanwhile is what counts.
  success(await updateBinding(world, world.admin, { bindingId: id, config: { life: 'P90D' } }));
  success(await renewKey(world, world.owner, again));
  await world.travel(MINUTE_MS);
  expect(await world.probe(secret)).toBe('VALID');
});
