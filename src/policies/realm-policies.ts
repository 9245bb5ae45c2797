import type { Binding, Freeze, Realm } from '../../prisma/generated/client/client.ts';
import type { Transaction } from '../store/core.ts';

/** A realm as policy needs it. */
export type RealmPolicies = Realm & { readonly bindings: readonly Binding[]; readonly freezes: readonly Freeze[] };

export const realmPoliciesInclude = { bindings: { where: { unboundAt: null } }, freezes: true } as const;

/** What the realms of some keys are, with their bindings and calendars. */
export async function loadRealmPolicies(
  tx: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RealmPolicies>> {
  const realms = await tx.realm.findMany({ where: { id: { in: [...new Set(ids)] } }, include: realmPoliciesInclude });
  return new Map(realms.map((realm) => [realm.id, realm]));
}

/** The realm of a key, of those that are given. */
export function realmOf(
  realms: ReadonlyMap<string, RealmPolicies>,
  { realmId }: { readonly realmId: string },
): RealmPolicies {
  const realm = realms.get(realmId);
  if (realm === undefined) throw new Error(`a key of a realm that is not there: ${realmId}`);
  return realm;
}
