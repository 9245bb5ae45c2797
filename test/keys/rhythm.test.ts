import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { openKeyWorld, type KeyWorld } from '../support/key-world.ts';

async function useEach(world: KeyWorld, secret: string, gaps: readonly number[]): Promise<void> {
  for (const gap of gaps) {
    await world.travel(gap * DAY_MS);
    expect(await world.verify(secret, 'release')).toBe('VALID');
    await world.uses.flush();
  }
}

const breaksOf = async (world: KeyWorld, keyId: string) =>
  (await world.events(keyId)).filter(({ type }) => type === 'KEY_USED_OUT_OF_RHYTHM').map(({ at, data }) => [at, data]);

test('rhythm: a use that comes much too early or too late is an event, once a day', async () => {
  const world = await openKeyWorld();
  await world.travel(12 * 3_600_000 - (world.clock.now().getTime() % DAY_MS));
  const { keyId, secret } = await world.issue();
  await useEach(world, secret, [0, 91, 2, 89, 91]);
  expect(await breaksOf(world, keyId)).toEqual([]);
  const last = Math.floor(world.clock.now().getTime() / DAY_MS) * DAY_MS;
  await useEach(world, secret, [40]);
  const early = world.clock.now();
  await useEach(world, secret, [0, 1, 6]);
  const data = (isEarly: boolean, from: number, to: number) => ({
    isEarly,
    consumer: 'release',
    interval: 'P91D',
    nextUseFrom: new Date(last + from * DAY_MS).toISOString(),
    nextUseTo: new Date(last + to * DAY_MS).toISOString(),
  });
  expect(await breaksOf(world, keyId)).toEqual([[early, data(true, 82, 101)]]);
  await useEach(world, secret, [91]);
  expect(await breaksOf(world, keyId)).toHaveLength(1);
  await useEach(world, secret, [300]);
  expect((await breaksOf(world, keyId))[1]).toMatchObject([world.clock.now(), { isEarly: false, interval: 'P91D' }]);
});

test('rhythm: a key without a sure rhythm, and one that is used each day, breaks none', async () => {
  const world = await openKeyWorld();
  const [unsure, daily] = [await world.issue(), await world.issue()];
  await useEach(world, unsure.secret, [0, 91, 91, 20]);
  await useEach(world, daily.secret, [...Array<number>(40).fill(1), 7, 1, 20, 1]);
  expect([await breaksOf(world, unsure.keyId), await breaksOf(world, daily.keyId)]).toEqual([[], []]);
});
