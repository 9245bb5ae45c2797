import { expect, test } from 'vitest';
import { deviceRule } from '../../src/accounts/devices/retention.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { usedTokenRule } from '../../src/issuers/retention.ts';
import type { RetentionRule } from '../../src/store/retention-rule.ts';
import { openKeyWorld, type KeyWorld } from '../support/key-world.ts';
import { openRetention } from '../support/retention.ts';
import { waitFor } from '../support/wait-for.ts';

async function useTokens({ prisma, clock }: KeyWorld, count: number): Promise<void> {
  const row = { issuer: 'https://ci.example', keptUntil: clock.now() };
  const data = Array.from({ length: count }, (_, index) => ({ ...row, digest: Buffer.of(index) }));
  await prisma.usedToken.createMany({ data });
}

test('retention job: it removes every hour what has expired', async () => {
  const world = await openKeyWorld();
  const job = await openRetention(world);
  await world.issue({ idempotencyKey: 'one' });
  const record = () => world.prisma.idempotencyRecord.findFirst();
  expect((await record())?.sealed).not.toBeNull();
  world.clock.advance(DAY_MS);
  job.start();
  world.clock.advance(HOUR_MS);
  const isUnsealed = async () => expect(await record()).toMatchObject({ sealed: null, secretId: expect.any(String) });
  await waitFor(isUnsealed);
  await job.stop();
});

test('retention job: no statement removes more than a batch, and a run continues until nothing has expired', async () => {
  const world = await openKeyWorld();
  const counts: number[] = [];
  const rule: RetentionRule = {
    ...usedTokenRule,
    async remove(...parameters) {
      counts.push(await usedTokenRule.remove(...parameters));
      return counts.at(-1) ?? 0;
    },
  };
  const job = await openRetention(world, { rules: [rule], batchSize: 3 });
  await useTokens(world, 7);
  world.clock.advance(HOUR_MS);
  await job.deleteExpired();
  expect(counts).toEqual([3, 3, 1]);
});

test('retention job: a rule that fails is reported and does not prevent the others', async () => {
  const world = await openKeyWorld();
  const failures: unknown[] = [];
  const problem = new Error('no such table');
  const broken: RetentionRule = { ...deviceRule, remove: () => Promise.reject(problem) };
  const rules = [broken, usedTokenRule];
  const job = await openRetention(world, { rules, onFailure: (error) => failures.push(error) });
  await useTokens(world, 1);
  world.clock.advance(HOUR_MS);
  await job.deleteExpired();
  expect(failures).toEqual([problem]);
  expect(await world.prisma.usedToken.count()).toBe(0);
});

test('retention job: nodes that run it at the same time remove each row once, without a failure', async () => {
  const world = await openKeyWorld();
  const jobs = await Promise.all(Array.from({ length: 3 }, () => openRetention(world, { batchSize: 2 })));
  await useTokens(world, 50);
  await world.prisma.usedToken.create({
    data: { issuer: 'https://ci.example', digest: Buffer.of(255), keptUntil: addMs(world.clock.now(), HOUR_MS) },
  });
  world.clock.advance(HOUR_MS);
  await Promise.all(jobs.map((job) => job.deleteExpired()));
  await jobs[0]?.deleteExpired();
  expect(await world.prisma.usedToken.count()).toBe(1);
});
