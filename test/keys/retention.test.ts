import { expect, test, vi } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { RetentionJob } from '../../src/keys/retention.ts';
import { openFollower } from '../support/follower.ts';
import { openKeyWorld } from '../support/key-world.ts';
import { connectTo } from '../support/log.ts';

test('housekeeping: a sealed secret goes after a day, the answer that it was in after 30', async () => {
  const world = await openKeyWorld();
  const { follower } = await openFollower(world);
  const housekeeper = new RetentionJob(world, {
    follower,
    connect: connectTo(world),
    retentionMs: null,
    onFailure: (error) => expect.unreachable(String(error)),
  });
  await world.issue({ idempotencyKey: 'one' });
  const record = () => world.prisma.idempotencyRecord.findFirst();
  expect((await record())?.sealed).not.toBeNull();
  world.clock.advance(DAY_MS);
  housekeeper.start();
  world.clock.advance(HOUR_MS);
  await vi.waitFor(async () => expect(await record()).toMatchObject({ sealed: null, secretId: expect.any(String) }));
  await housekeeper.stop();
  world.clock.advance(29 * DAY_MS);
  await housekeeper.deleteExpired();
  expect(await record()).toBeNull();
});
