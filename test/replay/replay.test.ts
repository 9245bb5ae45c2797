import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { dayOf } from '../../src/domain/usage-day.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { replayPolicy } from '../../src/replay/replay-policy.ts';
import { openBindingWorld, type BindingWorld } from '../support/binding-world.ts';
import { success, type Issued } from '../support/key-world.ts';
import { seededDraw } from '../support/seeded-random.ts';

const PERIOD = 90 * DAY_MS;
const unused = (idle: string) => ({ realm: 'default', policy: 'active-never-expires', config: { idle } });
const capped = (longest: string) => ({
  realm: 'default',
  policy: 'bounded-lifetime',
  config: { longest, capEveryKey: longest },
});

/** A world whose keys were issued 100 days ago. Use is written as verifications write it, on days counted from then. */
async function openHistory(keyCount: number) {
  const world = await openBindingWorld();
  const start = dayOf(world.clock.now().getTime());
  const keys: (Issued & { secretId: string })[] = [];
  for (let number = 0; number < keyCount; number += 1) {
    const issued = await world.issue(
      { name: `key ${String(number)}` },
      number % 2 === 0 ? world.owner : world.stranger,
    );
    const { secretId } = await world.callerOf(issued.secret);
    keys.push({ ...issued, secretId });
  }
  world.clock.advance(100 * DAY_MS);
  const use = async (place: number, consumer: string, days: readonly number[]) => {
    const { keyId, secretId } = keys[place]!;
    for (const day of days) {
      world.uses.record({ id: keyId, secretId }, consumer, new Date((start + day) * DAY_MS + 43_200_000));
      await world.uses.flush();
    }
  };
  return { world, start, keys, use };
}

const replay = (world: BindingWorld, input: Parameters<typeof replayPolicy>[2], periodMs = PERIOD) =>
  replayPolicy(world, world.admin, input, periodMs);

test('replay: names the jobs that would have failed, by day, consumer and owner', async () => {
  const { world, start, keys, use } = await openHistory(3);
  await use(0, 'ci', [20, 50, 90, 91]);
  await use(0, 'laptop', [91]);
  await use(1, '', [20, 40, 60, 80, 100]);
  await use(2, 'ci', [99]);
  const result = await replay(world, unused('P30D'));
  expect(result).toMatchObject({
    period: { from: start + 10, to: start + 100 },
    keyCount: 3,
    jobCount: 11,
    failedJobCount: 4,
    failedKeyCount: 2,
    failedConsumerCount: 3,
    failedOwnerCount: 1,
    selfRenewingJobCount: 0,
    faultCount: 0,
    owners: [{ ownerId: world.owner.id, jobCount: 6, failedCount: 4, failedKeyCount: 2 }],
    consumers: [
      { keyId: keys[0]!.keyId, consumer: 'ci', jobCount: 4, failedDays: [start + 90, start + 91] },
      { keyId: keys[0]!.keyId, consumer: 'laptop', jobCount: 1, failedDays: [start + 91] },
      { keyId: keys[2]!.keyId, consumer: 'ci', jobCount: 1, failedDays: [start + 99] },
    ],
  });
  expect(result.byDay).toHaveLength(91);
  expect(result.byDay.filter(({ failedCount }) => failedCount > 0)).toEqual([
    { day: start + 90, jobCount: 1, failedCount: 1, firstFailedCount: 1 },
    { day: start + 91, jobCount: 2, failedCount: 2, firstFailedCount: 1 },
    { day: start + 99, jobCount: 1, failedCount: 1, firstFailedCount: 1 },
  ]);
  // Nothing was written, and no key was touched.
  expect(await world.prisma.key.count({ where: { expiredAt: null } })).toBe(3);
});

test('replay: use before the period counts as activity; keys that are not selected do not fail', async () => {
  const { world, keys, use } = await openHistory(2);
  await use(0, 'ci', [60, 95]);
  await use(1, 'ci', [90, 95]);
  const ofTenDays = await replay(world, unused('P20D'), 10 * DAY_MS);
  expect(ofTenDays).toMatchObject({ jobCount: 3, failedJobCount: 3 });
  expect(await replay(world, unused('P60D'), 10 * DAY_MS)).toMatchObject({ failedJobCount: 2, failedKeyCount: 1 });
  const selector = { keyIds: [keys[1]!.keyId] };
  expect(await replay(world, { ...unused('P20D'), selector })).toMatchObject({ jobCount: 4, failedKeyCount: 1 });
});

test('replay: a renewal that was recorded lengthens the life, and jobs of keys that renew themselves are counted', async () => {
  const world = await openBindingWorld();
  const start = dayOf(world.clock.now().getTime());
  const { secret } = await world.issue({ ask: { lifetimeMs: 200 * DAY_MS } });
  const other = await world.issue({ ask: { lifetimeMs: 200 * DAY_MS } });
  for (let day = 0; day < 90; day += 10) {
    await world.verify(secret, 'ci');
    await world.verify(other.secret, 'ci');
    if (day === 30 || day === 60)
      success(await renewKey(world, await world.callerOf(secret), { ask: null, accept: ['EXTEND'] }));
    await world.travel(10 * DAY_MS);
  }
  const result = await replay(world, capped('P40D'));
  expect(result).toMatchObject({ failedJobCount: 4, failedKeyCount: 1, selfRenewingJobCount: 0 });
  expect(result.consumers).toMatchObject([
    { keyId: other.keyId, failedDays: [50, 60, 70, 80].map((day) => start + day) },
  ]);
  expect(await replay(world, capped('P29D'))).toMatchObject({ failedKeyCount: 2, selfRenewingJobCount: 6 });
});

test('replay: a module that reads the days of use sees those of each moment, and shortens only with notice', async () => {
  const { world, start, use } = await openHistory(1);
  // From the fourth use on the rhythm of 10 days is sure: the key may then rest for 10 days, and no longer for 40.
  await use(0, 'ci', [1, 11, 21, 31, 41, 60, 100]);
  const limits = { intervals: 1, shortest: 'P7D', idle: 'P40D', longest: 'P60D', neverUsed: 'P7D' };
  const config = { ...limits, holdAfter: 'PT0S', expireAfter: 'PT0S' };
  const failedDays = async (noticeMs: number) => {
    const draft = { realm: 'default', policy: 'steady-cadence', config, noticeMs };
    return (await replay(world, draft)).consumers.flatMap(({ failedDays }) => failedDays.map((day) => day - start));
  };
  expect(await failedDays(30 * DAY_MS)).toEqual([100]);
  expect(await failedDays(0)).toEqual([60, 100]);
});

test('replay: a node runs two at a time and refuses further ones until one has ended', async () => {
  const { world, use } = await openHistory(1);
  await use(0, 'ci', [20, 80]);
  const replays = [1, 2, 3].map(() => replay(world, unused('P30D')));
  const settled = await Promise.allSettled(replays);
  const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  expect(refused).toMatchObject([{ code: 'UNAVAILABLE', message: expect.stringContaining('Other replays run') }]);
  // A replay that is refused for another reason counts as ended too.
  for (let number = 0; number < 3; number += 1)
    await expect(replay(world, { ...unused('P30D'), config: { idle: 'never' } })).rejects.toThrow('idle');
  expect(await replay(world, unused('P30D'))).toMatchObject({ jobCount: 2 });
});

test('replay: a module that fails for a key stops none of its jobs', async () => {
  const { world, use } = await openHistory(2);
  await use(0, 'ci', [20, 80]);
  await use(1, 'ci', [20, 80]);
  await world.write('life', FAILING);
  const life = { realm: 'default', policy: 'life', config: {} };
  expect(await replay(world, life)).toMatchObject({ jobCount: 4, failedJobCount: 1, faultCount: 1 });
});

test('replay: the policy in force finds no failed job among keys that never broke', async () => {
  const world = await openBindingWorld();
  const { id: bindingId } = await world.bind({ policy: 'active-never-expires', config: { idle: 'P40D' } });
  await world.bind({ policy: 'bounded-lifetime', config: { longest: 'P60D', capEveryKey: 'P60D', default: 'P60D' } });
  await world.reviewer.reviewDue();
  const draw = seededDraw(90);
  const keys: { keyId: string; secret: string; every: number; hasBroken: boolean }[] = [];
  for (let number = 0; number < 8; number += 1) {
    keys.push({ ...(await world.issue()), every: draw.pick([1, 7, 20, 39]), hasBroken: false });
  }
  for (let day = 0; day < 100; day += 1) {
    for (const key of keys) {
      if ((await world.key(key.keyId)).expiredAt !== null) key.hasBroken = true;
      if (key.hasBroken) continue;
      const isUsed = day % key.every === 0 && draw.below(6) > 0;
      if (isUsed && (await world.verify(key.secret, 'ci')) !== 'VALID') key.hasBroken = true;
      else if (isUsed && draw.below(3) === 0) {
        success(await renewKey(world, await world.callerOf(key.secret), { ask: null, accept: ['EXTEND'] }));
      }
    }
    await world.travel(DAY_MS);
  }
  const broken = keys.filter(({ hasBroken }) => hasBroken).length;
  expect(broken).toBeLessThan(keys.length);
  const { id: cappedId } = await world.prisma.binding.findFirstOrThrow({
    where: { policy: 'bounded-lifetime', config: { path: ['capEveryKey'], equals: 'P60D' } },
  });
  for (const id of [bindingId, cappedId]) {
    const result = await replay(world, { realm: 'default', bindingId: id });
    expect(result.jobCount).toBeGreaterThan(100);
    expect(result).toMatchObject({ failedJobCount: 0, faultCount: 0 });
  }
});

test('replay: equals a walk day by day over random histories', async () => {
  const { world, start, keys, use } = await openHistory(24);
  const draw = seededDraw(17);
  const histories = keys.map(() => {
    const days: number[] = [];
    for (let day = draw.below(30); day <= 100; day += draw.pick([1, 1, 3, 7, 20, 1 + draw.below(50)])) days.push(day);
    return days;
  });
  for (const [place, days] of histories.entries()) await use(place, draw.pick(['ci', 'laptop']), days);
  for (const idle of [5, 20, 33]) {
    const result = await replay(world, unused(`P${String(idle)}D`));
    const expected = histories.map((days, place) => {
      // The last activity before the period: the issue at noon, or a use.
      const before = days.findLast((day) => day < 10);
      let activeAt = before === undefined ? 12 / 24 : before + 1 - 1e-9;
      let isStopped = false;
      const failed = days.filter((day) => {
        if (day < 10) return false;
        isStopped ||= activeAt + idle <= day;
        activeAt = day + 1 - 1e-9;
        return isStopped;
      });
      return { keyId: keys[place]!.keyId, failedDays: failed.map((day) => start + day) };
    });
    const found = new Map(result.consumers.map(({ keyId, failedDays }) => [keyId, failedDays]));
    for (const { keyId, failedDays } of expected) expect(found.get(keyId) ?? []).toEqual(failedDays);
    expect(result.failedJobCount).toBe(expected.reduce((sum, { failedDays }) => sum + failedDays.length, 0));
    expect(result.failedJobCount).toBeGreaterThan(5);
  }
});

test('replay: a period out of bounds, and a removal, are refused', async () => {
  const world = await openBindingWorld();
  await expect(replay(world, unused('P30D'), 401 * DAY_MS)).rejects.toMatchObject({
    message: 'replay: found P401D; expected P1D to P400D.',
  });
  await expect(replay(world, unused('P30D'), DAY_MS - 1)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await expect(replay(world, { ...unused('P30D'), remove: true })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await expect(replayPolicy(world, world.owner, unused('P30D'), PERIOD)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

/** It fails for one key, and ends every other key 40 days after its last use. */
const FAILING = `import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'life',
  version: '1.0.0',
  title: 'Fails',
  summary: 'Fails for a key.',
  config: z.strictObject({}),
  expiry: ({ key, use }) => {
    if (key.name === 'key 0') throw new Error('boom');
    return {
      request: null,
      cap: { at: use.activeAt + 40 * 86_400_000, basis: 'BY_USE' },
      reason: { code: 'LIFE', sentence: 'It was not used.' },
    };
  },
});
`;
