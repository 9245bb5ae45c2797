import type { Binding, Freeze, Realm } from '../../prisma/generated/client/client.ts';
import type { Transaction } from '../store/core.ts';

/** A realm with its bindings, without those that were removed, and with its freezes. */
export type RealmPolicies = Realm & { readonly bindings: readonly Binding[]; readonly freezes: readonly Freeze[] };

export const realmPoliciesInclude = { bindings: { where: { unboundAt: null } }, freezes: true } as const;

/** Loads realms with their bindings and freezes. Returns the realms by id. */
export async function loadRealmPolicies(
  tx: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RealmPolicies>> {
  const realms = await tx.realm.findMany({ where: { id: { in: [...new Set(ids)] } }, include: realmPoliciesInclude });
  return new Map(realms.map((realm) => [realm.id, realm]));
}

/** Returns the realm of a key. Throws if it was not loaded. */
export function realmOf(
  realms: ReadonlyMap<string, RealmPolicies>,
  { realmId }: { readonly realmId: string },
): RealmPolicies {
  const realm = realms.get(realmId);
  if (realm === undefined) throw new Error(`realm not loaded: ${realmId}`);
  return realm;
}
