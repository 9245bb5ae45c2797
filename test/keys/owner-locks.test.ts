import { expect, test } from 'vitest';
import { disableAccount } from '../../src/accounts/disable-account.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { issueKey } from '../../src/keys/issue.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { change } from '../../src/log/change.ts';
import { failureOf, openKeyWorld, PUSH, success, type KeyWorld } from '../support/key-world.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';

const input = { realm: 'default', name: 'late', scopes: [PUSH], labels: [], ask: null };

/** Disables an account, up to the commit. Returns a function that commits. */
async function holdDisabling(world: KeyWorld, accountId: string): Promise<() => Promise<void>> {
  const written = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const disabling = change(world, async (one) => {
    success(await disableAccount.inChange(one, world.admin, { accountId, reason: 'left' }));
    written.resolve();
    await gate.promise;
  });
  await Promise.race([written.promise, disabling]);
  return async () => {
    gate.resolve();
    await disabling;
  };
}

test('owners: while an account is disabled, keys are issued and transferred by and for others, and all commit', async () => {
  const world = await openKeyWorld();
  const acme = await world.organization({ ann: 'OWNER', bob: 'ADMIN' });
  const { keyId } = await world.issue({}, world.admin);
  const { keyId: third } = await world.issue({}, world.stranger);
  await world.prisma.membership.create({
    data: { organizationId: acme.id, accountId: world.owner.id, role: 'MEMBER', createdAt: world.clock.now() },
  });
  const commit = await holdDisabling(world, world.owner.id);
  // The administrator's account is locked, and the organization too.
  const issued = await issueKey(world, world.admin, { ...input, owner: world.heir.id });
  expect(isFailure(issued)).toBe(false);
  success(await transferKey(world, world.admin, { keyId, owner: world.heir.id }));
  success(await holdKey(world, world.stranger, { keyId: third, reason: 'a break' }));
  await commit();
  expect(await world.prisma.event.findMany({ where: { type: 'ACCOUNT_DISABLED' } })).toHaveLength(1);
});

test('owners: issues and a transfer for an account that is being disabled wait, hold up no other change, and are refused', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({}, world.stranger);
  const commit = await holdDisabling(world, world.owner.id);
  const issue = (owner: string) => issueKey(world, world.admin, { ...input, owner });
  const answers = [world.owner.id, world.heir.id, world.owner.id, world.stranger.id].map(issue);
  const transferred = transferKey(world, world.admin, { keyId, owner: world.owner.id });
  await waitUntilBlocked(world.prisma, 2);
  await world.issue({}, world.heir);
  const { keyId: third } = await world.issue({ idempotencyKey: 'alone' }, world.stranger);
  success(await holdKey(world, world.stranger, { keyId: third, reason: 'a break' }));
  await commit();
  const failures = (await Promise.all(answers)).map((answer) => (isFailure(answer) ? failureOf(answer) : null));
  expect(failures).toEqual(['OwnerNotActive', null, 'OwnerNotActive', null]);
  expect(failureOf(await transferred)).toBe('OwnerNotActive');
  expect(await world.prisma.key.count({ where: { accountId: world.owner.id } })).toBe(0);
});

test('owners: who disables an account waits for the key that is being issued for it or its organization, and finds it', async () => {
  const world = await openKeyWorld();
  const acme = await world.organization({ ann: 'OWNER' });
  await world.prisma.membership.create({
    data: { organizationId: acme.id, accountId: world.owner.id, role: 'MEMBER', createdAt: world.clock.now() },
  });
  const written = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const issuing = change(world, async (one) => {
    const first = success(await issueKey.inChange(one, world.admin, { ...input, owner: world.owner.id }));
    const second = success(await issueKey.inChange(one, world.admin, { ...input, name: 'other', owner: acme.id }));
    await one.writeRows();
    written.resolve();
    await gate.promise;
    return [first.keyId, second.keyId];
  });
  await Promise.race([written.promise, issuing]);
  const disabled = disableAccount(world, world.admin, { accountId: world.owner.id, reason: 'left' });
  await waitUntilBlocked(world.prisma);
  gate.resolve();
  const ids = await issuing;
  success(await disabled);
  const [event] = await world.prisma.event.findMany({ where: { type: 'ACCOUNT_DISABLED' } });
  expect(event?.data).toMatchObject({ keyCount: 1 });
  const keys = await world.prisma.key.findMany({ where: { id: { in: ids } } });
  expect(keys.map(({ reviewAt }) => reviewAt)).toEqual([world.clock.now(), world.clock.now()]);
});
