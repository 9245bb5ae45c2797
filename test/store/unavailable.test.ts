import { expect, test } from 'vitest';
import { isUnavailable } from '../../src/store/unavailable.ts';
import { untilBlocked } from '../support/blocked.ts';
import { openCore } from '../support/core.ts';

test('unavailable: of two changes that wait for each other one is ended, and may be asked for again', async () => {
  const { prisma } = await openCore();
  const both = Promise.withResolvers<void>();
  const isWaiting = Promise.withResolvers<void>();
  let locked = 0;
  const take = (first: number, second: number, before: Promise<void>) =>
    prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${first})`;
      locked += 1;
      if (locked === 2) both.resolve();
      await both.promise;
      await before;
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${second})`;
    });
  const all = Promise.allSettled([take(1, 2, Promise.resolve()), take(2, 1, isWaiting.promise)]);
  await untilBlocked(prisma);
  isWaiting.resolve();
  const ended = (await all).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(ended.map(isUnavailable)).toEqual([true]);
});
