import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';

/** Returns a filter for rows of realms that a caller may see. It matches the permission realm.read. */
export function visibleRealmFilter(caller: Caller): { readonly realmId?: string } {
  switch (caller.kind) {
    case 'ANONYMOUS':
      return { realmId: '' };
    case 'ACCOUNT':
      return {};
    case 'KEY':
      return { realmId: caller.realmId };
  }
}

/** Returns a filter for the realms that a caller may see. */
export function visibleRealms(caller: Caller): Prisma.RealmWhereInput {
  const { realmId } = visibleRealmFilter(caller);
  return realmId === undefined ? {} : { id: realmId };
}
