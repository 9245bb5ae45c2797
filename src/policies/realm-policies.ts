import { Prisma, type Binding, type Freeze, type Realm } from '../../prisma/generated/client/client.ts';
import type { Transaction } from '../store/core.ts';
import { reviveRow, toJsonObject } from '../store/json-rows.ts';
import { loadSteady } from '../store/load-once.ts';
import type { OwnerFacts } from './contract.ts';
import { ownerFactsOf, selectOwners, type OwnerRow } from './facts.ts';
import { readRollouts, selectMembers, selectRollouts, type RolloutFacts } from './rollout-facts.ts';

/** A realm with its bindings, without those that were removed, and with its freezes. */
export type RealmPolicies = Realm & { readonly bindings: readonly Binding[]; readonly freezes: readonly Freeze[] };

export const realmPoliciesInclude = { bindings: { where: { unboundAt: null } }, freezes: true } as const;

/** What policies are evaluated with besides the keys: realms and owners, by id, and rollouts, by the id of their binding. */
export interface PolicyFacts {
  readonly realms: ReadonlyMap<string, RealmPolicies>;
  readonly owners: ReadonlyMap<string, OwnerFacts>;
  readonly rollouts: ReadonlyMap<string, readonly RolloutFacts[]>;
  /** All of it as JSON, as it was read. */
  readonly text: string;
}

/** Loads realms with their bindings, freezes and rollouts, and owners, in one statement. See `loadSteady`. */
export function loadPolicyFacts(
  tx: Transaction,
  realmIds: readonly string[],
  ownerIds: readonly string[],
): Promise<PolicyFacts> {
  const [realms, owners] = [realmIds, ownerIds].map((ids) => [...new Set(ids)].toSorted()) as [string[], string[]];
  return loadSteady(tx, `policies of ${realms.join()} for ${owners.join()}`, async () => {
    const [rows] = await tx.$queryRaw<[{ realms: string; owners: string; rollouts: string; members: string }]>`
      SELECT (
        SELECT coalesce(jsonb_agg(${toJsonObject('r', Prisma.RealmScalarFieldEnum)} || jsonb_build_object('bindings', (
          SELECT coalesce(jsonb_agg(${toJsonObject('b', Prisma.BindingScalarFieldEnum)} ORDER BY b.id), '[]')
          FROM "Binding" b WHERE b."realmId" = r.id AND b."unboundAt" IS NULL
        ), 'freezes', (
          SELECT coalesce(jsonb_agg(${toJsonObject('f', Prisma.FreezeScalarFieldEnum)} ORDER BY f."from", f."to"), '[]')
          FROM "Freeze" f WHERE f."realmId" = r.id
        ))), '[]')::text FROM "Realm" r WHERE r.id = ANY(${realms})
      ) AS realms, (SELECT coalesce(jsonb_agg(o), '[]')::text FROM (${selectOwners(owners)}) o) AS owners,
      ${selectRollouts(realms)} AS rollouts, ${selectMembers(realms, owners)} AS members`;
    const found = JSON.parse(rows.realms) as readonly RealmPolicies[];
    const foundOwners = JSON.parse(rows.owners) as readonly OwnerRow[];
    return {
      realms: new Map(found.map((realm) => [realm.id, reviveRealm(realm)])),
      owners: new Map(foundOwners.map((owner) => [owner.id, ownerFactsOf(reviveRow(owner))])),
      rollouts: readRollouts(rows.rollouts, rows.members),
      text: `${rows.realms} ${rows.owners} ${rows.rollouts} ${rows.members}`,
    };
  });
}

function reviveRealm({ bindings, freezes, ...realm }: RealmPolicies): RealmPolicies {
  return { ...reviveRow(realm), bindings: bindings.map(reviveRow), freezes: freezes.map(reviveRow) };
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
