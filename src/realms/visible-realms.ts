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
