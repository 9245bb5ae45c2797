import type { Transaction } from '../store/core.ts';

/**
 * Locks an account and all administrators, in one order: two administrators who take the right from each other must neither
 * deadlock nor leave no administrator. FOR NO KEY UPDATE: a key that is written with its events only checks a foreign key, and
 * must not wait for this change.
 */
export async function lockAdministrators(tx: Transaction, accountId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Account" WHERE id = ${accountId} OR "isAdministrator" ORDER BY id FOR NO KEY UPDATE`;
}

/** Returns whether no open administrator is left without an account. The administrators must be locked. */
export async function isLastAdministrator(tx: Transaction, accountId: string): Promise<boolean> {
  const others = { isAdministrator: true, disabledAt: null, id: { not: accountId } };
  return (await tx.account.count({ where: others })) === 0;
}
