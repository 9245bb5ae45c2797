import { uniteFreezes } from '../domain/freeze.ts';
import type { Transaction } from '../store/core.ts';
import { loadOnce } from '../store/load-once.ts';
import type { Facts, Reading } from './contract.ts';
import { factsFor, gatherUse } from './facts.ts';
import type { Revision } from './revisions.ts';
import { loadPolicyFacts, realmOf, type RealmPolicies } from './realm-policies.ts';
import type { Policies } from './policies.ts';
import type { EvaluationInput } from './evaluation-input.ts';

/** Returns the facts of a key for a module that declares these `reads`: the same object for the same reads. */
export type FactsReader = (input: EvaluationInput, reads: readonly Reading[]) => Facts;

/** Loads the facts that the modules of some revisions read for some keys. Each table is read once for all keys. */
export async function gatherFacts(
  policies: Policies,
  tx: Transaction,
  inputs: readonly EvaluationInput[],
  revisions: readonly Revision[],
  realms: ReadonlyMap<string, RealmPolicies>,
): Promise<FactsReader> {
  const reads = new Set(revisions.flatMap(({ hash }) => policies.find(hash)?.reads ?? []));
  const ids = inputs.map(({ known }) => known.key.id);
  const ownerIds = inputs.map(({ ownerId }) => ownerId);
  const useOf = await loadOnce(tx, `use ${[...reads, ...ids].join()}`, () => gatherUse(tx, ids, reads));
  const { owners } = await loadPolicyFacts(tx, [...realms.keys()], ownerIds);
  const realmFacts = new Map([...realms.values()].map((realm) => [realm.id, factsOfRealm(realm)]));
  const made = new Map<string, Map<EvaluationInput, Facts>>();
  const make: FactsReader = (input, reads) => {
    const { known, ownerId, realmId, request = null } = input;
    const owner = input.ownerFacts ?? owners.get(ownerId);
    if (owner === undefined) throw new Error(`owner not found: ${ownerId}`);
    const realm = realmFacts.get(realmId) ?? factsOfRealm(realmOf(realms, input));
    return factsFor(known, { ...useOf(known.key.id), owner }, realm, request, reads);
  };
  return (input, reads) => {
    const name = reads.join();
    const own = made.get(name) ?? new Map<EvaluationInput, Facts>();
    made.set(name, own);
    const facts = own.get(input) ?? make(input, reads);
    own.set(input, facts);
    return facts;
  };
}

function factsOfRealm({ slug, shortestLifetimeMs, longestLifetimeMs, freezes }: RealmPolicies): Facts['realm'] {
  return {
    slug,
    shortestLifetime: Number(shortestLifetimeMs),
    longestLifetime: Number(longestLifetimeMs),
    freezes: uniteFreezes(freezes).map(({ from, to }) => ({ from: from.getTime(), to: to.getTime() })),
  };
}
