import { expect, test } from 'vitest';
import { loadEscalationRungs, mailChannel } from '../../src/mail/escalation.ts';
import { ownerIdOf } from '../../src/keys/key-row.ts';
import { openKeyWorld } from '../support/key-world.ts';

test('mail: notices about keys of subjects are mailed to no account; leaks still go to administrators', async () => {
  const world = await openKeyWorld();
  const { prisma } = world;
  const own = await world.key((await world.issue()).keyId);
  const customers = await world.key((await world.issue({ subject: { externalId: 'customer' } }, world.admin)).keyId);
  const keys = [own, customers].map((key) => ({ id: key.id, realmId: key.realmId, ownerId: ownerIdOf(key) }));
  expect(await mailChannel.findReachable(prisma as never, keys)).toEqual(new Set([own.id]));
  const rungs = await loadEscalationRungs(prisma as never, [ownerIdOf(customers)]);
  expect(rungs.get(ownerIdOf(customers))).toEqual([[], [], [world.admin.id]]);
});
