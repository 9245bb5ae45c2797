import type { Account, Membership } from '../../prisma/generated/client/client.ts';
import type { AccountCaller, Caller } from '../domain/caller.ts';
import type { Transaction } from '../store/core.ts';
import { credentialError } from './authentication.ts';

/** Returns an account as a caller, with its present roles. */
export function accountCallerOf(
  account: Pick<Account, 'id' | 'name' | 'isAdministrator'> & {
    readonly memberships: readonly Pick<Membership, 'organizationId' | 'role'>[];
  },
  sessionId: string,
): AccountCaller {
  return {
    kind: 'ACCOUNT',
    id: account.id,
    name: account.name,
    sessionId,
    isAdministrator: account.isAdministrator,
    roles: new Map(account.memberships.map((membership) => [membership.organizationId, membership.role])),
  };
}

/**
 * Returns the account in whose name the gateway continues what a person began, with its present roles. Null: the account
 * is disabled.
 */
export async function loadActingAccount(tx: Transaction, accountId: string): Promise<AccountCaller | null> {
  const account = await tx.account.findUnique({ where: { id: accountId }, include: { memberships: true } });
  return account === null || account.disabledAt !== null ? null : accountCallerOf(account, '');
}

/**
 * Returns a caller; if it is an account, with its present roles. For changes of accounts and roles, under their locks: another
 * change may have committed since the caller was authenticated, and a person could give back to itself what it has just lost.
 *
 * @throws UNAUTHENTICATED if the account was disabled since.
 */
export async function recheckAccount(tx: Transaction, caller: Caller): Promise<Caller> {
  if (caller.kind !== 'ACCOUNT') return caller;
  const present = await loadActingAccount(tx, caller.id);
  if (present === null) throw credentialError('ACCOUNT_DISABLED', 'The account is disabled. Ask an administrator.');
  return { ...caller, isAdministrator: present.isAdministrator, roles: present.roles };
}
