import type { Transaction } from '../store/core.ts';

/** Whether an organization has an OWNER whose account is open: one that cannot sign in is none who could run it. */
export async function hasOwner(tx: Transaction, organizationId: string): Promise<boolean> {
  const where = { organizationId, role: 'OWNER', account: { disabledAt: null } } as const;
  return (await tx.membership.count({ where })) > 0;
}
