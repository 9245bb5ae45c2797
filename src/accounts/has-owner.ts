import type { Transaction } from '../store/core.ts';

/** Returns whether an organization has an OWNER whose account is open: a disabled OWNER cannot manage it. */
export async function hasOwner(tx: Transaction, organizationId: string): Promise<boolean> {
  const where = { organizationId, role: 'OWNER', account: { disabledAt: null } } as const;
  return (await tx.membership.count({ where })) > 0;
}
