import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { openBindingWorld } from '../support/binding-world.ts';
import { openKeyWorld, success, type KeyWorld } from '../support/key-world.ts';
import { openMailWorld } from '../support/mail-world.ts';

/** The thresholds of the notices that a key has had, in the order of the log. */
async function thresholdsOf(world: KeyWorld, keyId: string): Promise<string[]> {
  const notices = (await world.events(keyId)).filter(({ type }) => type === 'KEY_EXPIRING');
  return notices.map(({ data }) => (data as { threshold: string }).threshold);
}

/** Issues a key and lets its whole life pass in steps. Returns its thresholds. */
async function noticesOfLife(world: KeyWorld, lifetimeMs: number, stepMs: number): Promise<string[]> {
  const { keyId } = await world.issue({ ask: { lifetimeMs } });
  await world.travel(0);
  expect(await thresholdsOf(world, keyId)).toEqual([]);
  for (let passed = 0; passed < lifetimeMs; passed += stepMs) await world.travel(stepMs);
  expect((await world.eventTypes(keyId)).at(-1)).toBe('KEY_EXPIRED');
  return thresholdsOf(world, keyId);
}

test('notices: a threshold that is not shorter than the life is skipped, also by mail in the second of the issue', async () => {
  const world = await openMailWorld();
  expect(await noticesOfLife(world, 14 * DAY_MS, HOUR_MS * 12)).toEqual(['P7D', 'P1D']);
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const mailCount = world.server.received.length;
  await world.mailAfter(0);
  await world.mailAfter(HOUR_MS);
  expect(await thresholdsOf(world, keyId)).toEqual([]);
  expect(world.server.received).toHaveLength(mailCount);
  await world.mailAfter(16 * DAY_MS);
  expect(await thresholdsOf(world, keyId)).toEqual(['P14D']);
});

test('notices: a life shorter than two days gets one, when a third is left; under an hour there is none', async () => {
  const world = await openKeyWorld();
  // The realm lets no one request less than a day.
  await world.prisma.realm.updateMany({ data: { shortestLifetimeMs: MINUTE_MS } });
  await world.prisma.binding.deleteMany();
  expect(await noticesOfLife(world, 36 * HOUR_MS, HOUR_MS)).toEqual(['PT12H']);
  expect(await noticesOfLife(world, 23 * HOUR_MS, HOUR_MS)).toEqual(['PT7H40M']);
  expect(await noticesOfLife(world, HOUR_MS, 5 * MINUTE_MS)).toEqual(['PT20M']);
  expect(await noticesOfLife(world, 59 * MINUTE_MS, MINUTE_MS)).toEqual([]);
  expect(await noticesOfLife(world, 15 * MINUTE_MS, MINUTE_MS)).toEqual([]);
});

test('notices: a renewal to a short life gives none at once', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  await world.travel(DAY_MS + HOUR_MS);
  expect(await thresholdsOf(world, keyId)).toEqual(['P1D']);
  success(await renewKey(world, world.owner, { keyId, ask: { lifetimeMs: 7 * DAY_MS }, accept: ['EXTEND'] }));
  await world.travel(0);
  expect(await thresholdsOf(world, keyId)).toEqual(['P1D']);
  await world.travel(6 * DAY_MS);
  expect(await thresholdsOf(world, keyId)).toEqual(['P1D', 'P1D']);
});

test('notices: a use that moves the stop of an idle policy by 30 days gives none at once', async () => {
  const world = await openBindingWorld();
  await world.prisma.binding.deleteMany();
  await world.bind({
    policy: 'unused-expires',
    config: { idle: 'P30D', holdAfter: 'PT0S', expireAfter: 'P60D' },
    withoutNoticeReason: 'a test',
  });
  const { keyId, secret } = await world.issue();
  await world.travel(0);
  expect(await thresholdsOf(world, keyId)).toEqual([]);
  await world.travel(20 * DAY_MS);
  expect(await thresholdsOf(world, keyId)).toEqual(['P14D']);
  await world.verify(secret);
  await world.travel(0);
  await world.travel(8 * DAY_MS);
  await world.travel(4 * DAY_MS);
  expect(await thresholdsOf(world, keyId)).toEqual(['P14D']);
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(world.clock.now(), 18 * DAY_MS));
});

test('notices: a policy that brings a stop nearer is news, and told at once', async () => {
  const world = await openBindingWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 300 * DAY_MS } });
  await world.travel(5 * DAY_MS);
  await world.bind({ policy: 'bounded-lifetime', config: { longest: 'P10D', capEveryKey: 'P10D' } });
  await world.travel(0);
  await world.travel(MINUTE_MS);
  const { stopsAt } = await world.key(keyId);
  expect(stopsAt!.getTime() - world.clock.now().getTime()).toBeLessThanOrEqual(30 * DAY_MS);
  expect(await thresholdsOf(world, keyId)).toEqual(['P30D']);
});
