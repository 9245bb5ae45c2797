import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { readKeysForReview, withoutChanged } from '../../src/keys/read-keys-for-review.ts';
import { openBindingWorld } from '../support/binding-world.ts';
import { success } from '../support/key-world.ts';

test('keys for review: a key is left out if any row that was read of it has changed since, and kept if none has', async () => {
  const world = await openBindingWorld();
  const { prisma, clock } = world;
  const { keyId, secret } = await world.issue({
    ask: { lifetimeMs: 90 * DAY_MS },
    labels: [{ name: 'env', value: 'live' }],
  });
  const { keyId: other } = await world.issue();
  await world.verify(secret, 'acme/core');
  success(await holdKey(world, world.owner, { keyId, reason: 'a break' }));
  const [{ stopsAt }, { id: secretId }, { id: bindingId, hash }] = await Promise.all([
    prisma.key.findUniqueOrThrow({ where: { id: keyId } }),
    prisma.secret.findFirstOrThrow({ where: { keyId } }),
    prisma.binding.findFirstOrThrow(),
  ]);
  const at = clock.now();
  await prisma.notice.create({ data: { keyId, stopsAt: stopsAt!, thresholdMs: 1n, givenAt: at } });
  const brake = {
    id: 'brake',
    realmId: world.realmId,
    bindingId,
    revision: 1,
    hash,
    state: 'ENGAGED',
    engagedAt: at,
  } as const;
  await prisma.brake.create({ data: brake });
  await prisma.waitingStop.create({ data: { keyId, brakeId: 'brake', to: at, reason: {}, since: at } });
  const changes: Record<string, () => Promise<unknown>> = {
    Key: () => prisma.key.update({ where: { id: keyId }, data: { renewalCount: { increment: 1 } } }),
    Judgement: () => prisma.judgement.update({ where: { keyId }, data: { verdicts: [] } }),
    Hold: () => prisma.hold.updateMany({ where: { keyId }, data: { reason: 'another' } }),
    Label: () => prisma.label.updateMany({ where: { keyId }, data: { value: 'test' } }),
    WaitingStop: () => prisma.waitingStop.update({ where: { keyId }, data: { to: new Date(at.getTime() + 1) } }),
    Notice: () => prisma.notice.updateMany({ where: { keyId }, data: { deliveredAt: at } }),
    Secret: () => prisma.secret.update({ where: { id: secretId }, data: { lastUsedAt: at } }),
    Use: () => prisma.use.updateMany({ where: { secretId }, data: { lastUsedAt: new Date(at.getTime() + 1) } }),
    'a second label': () => prisma.label.create({ data: { keyId, name: 'team', value: 'one' } }),
    'no hold': () => prisma.hold.deleteMany({ where: { keyId } }),
  };
  const idsOf = (keys: readonly { id: string }[]) => keys.map(({ id }) => id).toSorted();
  for (const [name, change] of Object.entries(changes)) {
    const read = await readKeysForReview(prisma, [keyId, other]);
    // A lock, and the insert of a row that refers to it, change nothing.
    await prisma.$queryRaw`SELECT 1 FROM "Key" WHERE id = ${keyId} FOR NO KEY UPDATE`;
    const again = await withoutChanged(prisma, read);
    expect(idsOf(again), name).toEqual([keyId, other].toSorted());
    expect(again).toEqual(read.keys);
    expect(idsOf(await withoutChanged(prisma, read, [other])), name).toEqual([other]);
    await change();
    expect(idsOf(await withoutChanged(prisma, read)), name).toEqual([other]);
  }
});
