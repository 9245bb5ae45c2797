import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { mailChannel } from '../../src/mail/escalation.ts';
import { openBindingWorld } from '../support/binding-world.ts';
import { openKeyWorld, success, type KeyWorld } from '../support/key-world.ts';

async function useEach(world: KeyWorld, secret: string, gaps: readonly number[]): Promise<void> {
  for (const gap of gaps) {
    await world.travel(gap * DAY_MS);
    await world.reviewer.reviewDue();
    expect(await world.verify(secret)).toBe('VALID');
    await world.uses.flush();
    await world.reviewer.reviewDue();
  }
}

const noticesOf = async (world: KeyWorld, keyId: string) =>
  (await world.events(keyId)).filter(({ type }) => type === 'KEY_STOPS_BEFORE_NEXT_USE');

test('next use: a key that expires before its next release is announced at the last one, and again 14 days before its end', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 300 * DAY_MS } });
  const stopsAt = (await world.key(keyId)).stopsAt!;
  await useEach(world, secret, [0, 91, 91]);
  // The next release is likely on day 273, before the end.
  expect(await noticesOf(world, keyId)).toEqual([]);
  await useEach(world, secret, [91]);
  const day = Math.floor(world.clock.now().getTime() / DAY_MS) * DAY_MS;
  const [first] = await noticesOf(world, keyId);
  expect(first).toMatchObject({
    at: world.clock.now(),
    data: {
      stopsAt: stopsAt.toISOString(),
      basis: 'HARD',
      nextUseFrom: new Date(day + 82 * DAY_MS).toISOString(),
      nextUseTo: new Date(day + 101 * DAY_MS).toISOString(),
      interval: 'P91D',
      isSure: true,
    },
  });
  const rows = await world.prisma.notice.findMany({ where: { keyId, nextUseFrom: { not: null } } });
  expect(rows).toMatchObject([{ stopsAt, isOwed: false, nextUseFrom: new Date(day + 82 * DAY_MS) }]);
  for (let days = 0; days < 20; days += 1) {
    await world.travel(DAY_MS);
    await world.reviewer.reviewDue();
  }
  const notices = await noticesOf(world, keyId);
  expect(notices.map(({ at }) => Math.round((stopsAt.getTime() - at.getTime()) / DAY_MS))).toEqual([27, 14]);
});

test('next use: a key that a program renews, or that is used often, is not announced', async () => {
  const world = await openKeyWorld();
  const lifetime = { ask: { lifetimeMs: 300 * DAY_MS } };
  const renewed = await world.issue(lifetime);
  await useEach(world, renewed.secret, [0, 91, 91]);
  await world.travel(91 * DAY_MS);
  const caller = await world.callerOf(renewed.secret);
  success(await renewKey(world, caller, { accept: ['EXTEND'], ask: { lifetimeMs: 60 * DAY_MS } }));
  await useEach(world, renewed.secret, [0]);
  expect(await noticesOf(world, renewed.keyId)).toEqual([]);
  // The next use of a key that is used daily comes before its end.
  const daily = await world.issue({ ask: { lifetimeMs: 43 * DAY_MS } });
  await useEach(world, daily.secret, Array<number>(40).fill(1));
  expect(await noticesOf(world, daily.keyId)).toEqual([]);
});

test('next use: a limit by use that is shorter than the rhythm is announced by the review that finds it', async () => {
  const world = await openBindingWorld();
  const { keyId, secret } = await world.issue();
  await useEach(world, secret, [0, 200, 200, 200]);
  expect(await noticesOf(world, keyId)).toEqual([]);
  await world.travel(DAY_MS);
  await world.bind({ policy: 'unused-expires', config: { idle: 'P90D' } });
  await world.reviewer.reviewDue();
  const { stopsAt, lastUsedAt } = await world.key(keyId);
  expect(stopsAt).toEqual(addMs(lastUsedAt!, 120 * DAY_MS));
  const [first, ...others] = await noticesOf(world, keyId);
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    at: world.clock.now(),
    data: { stopsAt: stopsAt!.toISOString(), basis: 'BY_USE', interval: 'P200D', isSure: true },
  });
});

test('next use: its notice does not replace those of the stop, if none of them was given or delivered in time', async () => {
  const world = await openBindingWorld({ channels: [mailChannel] });
  const { keyId, secret } = await world.issue();
  await useEach(world, secret, [0, 200, 200, 200]);
  await world.travel(DAY_MS);
  await world.bind({ policy: 'unused-expires', config: { idle: 'P90D' } });
  await world.reviewer.reviewDue();
  expect(await noticesOf(world, keyId)).toHaveLength(1);
  // No review runs until the stop has come.
  await world.travel(130 * DAY_MS);
  const { stopsAt, movedOutAt } = await world.key(keyId);
  expect(await world.probe(secret)).toBe('VALID');
  expect(stopsAt).toEqual(addMs(movedOutAt!, 30 * DAY_MS));
});
