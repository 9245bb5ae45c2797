import type { Transaction } from '../../src/store/core.ts';
import type { OpenCore } from './core.ts';

/** What every row that is made here belongs to. */
export const OWNER = { id: 'account_a', realmId: 'realm_a' };

/**
 * Rows of keys of one account, without secrets, for tests of the log alone: something that changes can lock and write. A
 * key's `lifetimeMs` counts its changes.
 */
export async function makeBareKeys({ prisma, clock }: OpenCore, count: number): Promise<string[]> {
  const createdAt = clock.now();
  const bounds = { minimumNoticeMs: 0n, shortestLifetimeMs: 0n, longestLifetimeMs: 1n };
  const { id, realmId } = OWNER;
  await prisma.account.create({ data: { id, email: 'a@example.com', name: 'A', passwordHash: '', createdAt } });
  await prisma.realm.create({ data: { id: realmId, slug: 'a', name: 'A', createdAt, ...bounds } });
  const ids = Array.from({ length: count }, (_, index) => `key_${index}`);
  const row = { realmId, accountId: id, name: '', scopes: [], createdAt, grantedAt: createdAt, activeAt: createdAt };
  await prisma.key.createMany({ data: ids.map((keyId) => ({ ...row, id: keyId, lifetimeMs: 0n })) });
  return ids;
}

/** Locks a key until the change's end, and counts the change. */
export async function touch(tx: Transaction, keyId: string): Promise<number> {
  const { lifetimeMs } = await tx.key.update({ where: { id: keyId }, data: { lifetimeMs: { increment: 1 } } });
  return Number(lifetimeMs);
}
