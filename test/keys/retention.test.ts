import { expect, test, vi } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { RetentionJob } from '../../src/keys/retention.ts';
import { openFollower } from '../support/follower.ts';
import { openKeyWorld, type KeyWorld } from '../support/key-world.ts';
import { connectTo } from '../support/log.ts';

async function openRetention(world: KeyWorld): Promise<RetentionJob> {
  const { follower } = await openFollower(world);
  return new RetentionJob(world, {
    follower,
    connect: connectTo(world),
    retentionMs: null,
    onFailure: (error) => expect.unreachable(String(error)),
  });
}

/** Expects that rows outlive their retention by not a millisecond: still there at its end, deleted right after. */
async function expectDeletedAfter(
  { clock }: KeyWorld,
  job: RetentionJob,
  retentionMs: number,
  count: () => Promise<number>,
): Promise<void> {
  clock.advance(retentionMs);
  await job.deleteExpired();
  expect(await count()).toBe(1);
  clock.advance(1);
  await job.deleteExpired();
  expect(await count()).toBe(0);
}

test('retention: a sealed secret is deleted after a day, the result that holds it after 30 days', async () => {
  const world = await openKeyWorld();
  const job = await openRetention(world);
  await world.issue({ idempotencyKey: 'one' });
  const record = () => world.prisma.idempotencyRecord.findFirst();
  expect((await record())?.sealed).not.toBeNull();
  world.clock.advance(DAY_MS);
  job.start();
  world.clock.advance(HOUR_MS);
  await vi.waitFor(async () => expect(await record()).toMatchObject({ sealed: null, secretId: expect.any(String) }));
  await job.stop();
  world.clock.advance(29 * DAY_MS);
  await job.deleteExpired();
  expect(await record()).toBeNull();
});

test('retention: a session is deleted 30 days after it has expired', async () => {
  const world = await openKeyWorld();
  const { prisma, clock, admin } = world;
  const job = await openRetention(world);
  const createdAt = clock.now();
  const expiresAt = new Date(createdAt.getTime() + HOUR_MS);
  // A session that was ended earlier is retained as long as one that expired.
  await prisma.session.create({
    data: { id: 'session_a', accountId: admin.id, createdAt, expiresAt, endedAt: createdAt },
  });
  await expectDeletedAfter(world, job, HOUR_MS + 30 * DAY_MS, () => prisma.session.count());
});

test('retention: an invitation is deleted 30 days after it has expired, unless it was accepted', async () => {
  const world = await openKeyWorld();
  const { prisma, clock, admin } = world;
  const job = await openRetention(world);
  const createdAt = clock.now();
  const invitation = (id: string, acceptedAt: Date | null) => ({
    id,
    digest: Buffer.from(id),
    email: `${id}@example.com`,
    invitedById: admin.id,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + HOUR_MS),
    acceptedAt,
  });
  await prisma.invitation.createMany({ data: [invitation('open', null), invitation('accepted', createdAt)] });
  const countOpen = () => prisma.invitation.count({ where: { acceptedAt: null } });
  await expectDeletedAfter(world, job, HOUR_MS + 30 * DAY_MS, countOpen);
  expect(await prisma.invitation.findMany({ select: { id: true } })).toEqual([{ id: 'accepted' }]);
});

test('retention: a device is deleted a day after it has expired', async () => {
  const world = await openKeyWorld();
  const { prisma, clock } = world;
  const job = await openRetention(world);
  const createdAt = clock.now();
  await prisma.device.create({
    data: {
      id: 'device_a',
      digest: Buffer.from('device code'),
      userDigest: Buffer.from('user code'),
      clientId: 'keytide',
      name: 'laptop',
      address: '192.0.2.1',
      createdAt,
      expiresAt: new Date(createdAt.getTime() + HOUR_MS),
      intervalSeconds: 5,
    },
  });
  await expectDeletedAfter(world, job, HOUR_MS + DAY_MS, () => prisma.device.count());
});

test('retention: a finished digest and its notices are deleted after 30 days, a pending one is not', async () => {
  const world = await openKeyWorld();
  const { prisma, clock, admin } = world;
  const job = await openRetention(world);
  const { keyId } = await world.issue();
  const createdAt = clock.now();
  const digest = (id: string, tryAt: Date | null) => ({ id, accountId: admin.id, messageId: id, createdAt, tryAt });
  await prisma.digest.createMany({ data: [digest('finished', null), digest('pending', createdAt)] });
  const notice = { keyId, stopsAt: createdAt, thresholdMs: BigInt(DAY_MS) };
  await prisma.notice.create({ data: { ...notice, givenAt: createdAt } });
  await prisma.noticeMail.createMany({
    data: [
      { ...notice, accountId: admin.id, ownerId: admin.id, rung: 0, addedAt: createdAt, digestId: 'finished' },
      { ...notice, accountId: world.owner.id, ownerId: admin.id, rung: 0, addedAt: createdAt, digestId: 'pending' },
    ],
  });
  const countFinished = () => prisma.digest.count({ where: { tryAt: null } });
  await expectDeletedAfter(world, job, 30 * DAY_MS, countFinished);
  expect(await prisma.digest.findMany({ select: { id: true } })).toEqual([{ id: 'pending' }]);
  expect(await prisma.noticeMail.findMany({ select: { digestId: true } })).toEqual([{ digestId: 'pending' }]);
});
