import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { may } from '../domain/permission.ts';

/** Returns a filter for rows of realms that a caller may see. It matches the permission realm.read. */
export function visibleRealmFilter(caller: Caller): { readonly realmId?: string } {
  switch (caller.kind) {
    case 'ANONYMOUS':
      return { realmId: '' };
    case 'ACCOUNT':
      return {};
    case 'KEY':
    case 'PORTAL':
      return { realmId: caller.realmId };
  }
}

/** Returns a filter for bindings and brakes that a caller may see. It matches the permission policy.read. */
export function visiblePolicyFilter(caller: Caller): { readonly realmId?: string } {
  return seesPolicies(caller) ? visibleRealmFilter(caller) : { realmId: '' };
}

/** Whether a caller sees the policies of the realms that it sees. */
export function seesPolicies(caller: Caller): boolean {
  return may(caller, 'policy.read', visibleRealmFilter(caller));
}

/** Returns a filter for the realms that a caller may see. */
export function visibleRealms(caller: Caller): Prisma.RealmWhereInput {
  const { realmId } = visibleRealmFilter(caller);
  return realmId === undefined ? {} : { id: realmId };
}
