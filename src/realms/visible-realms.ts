import type { Caller } from '../domain/caller.ts';

/** What belongs to realms that a caller may see, as a filter: what the permission realm.read says of each. */
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
