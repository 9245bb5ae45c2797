import { uniteFreezes } from '../domain/freeze.ts';
import type { Transaction } from '../store/core.ts';
import type { Facts, Reading, RequestFacts } from './contract.ts';
import { factsFor, gatherOwners, gatherUse } from './facts.ts';
import type { Revision } from './revisions.ts';
import { realmOf, type RealmPolicies } from './realm-policies.ts';
import type { Policies } from './policies.ts';
import type { EvaluationInput } from './evaluation-input.ts';

/** Gives the facts of a key with what of its use and its owner is asked for. */
export type FactsReader = (subject: EvaluationInput, reads: readonly Reading[]) => Facts;

/** Reads what the modules of some revisions read of some keys: each thing once, for all of them. */
export async function gatherFacts(
  policies: Policies,
  tx: Transaction,
  subjects: readonly EvaluationInput[],
  revisions: readonly Revision[],
  realms: ReadonlyMap<string, RealmPolicies>,
  request: RequestFacts | null,
): Promise<FactsReader> {
  const reads = new Set(revisions.flatMap(({ hash }) => policies.find(hash)?.reads ?? []));
  const ids = subjects.map(({ known }) => known.key.id);
  const ownerIds = [...new Set(subjects.map(({ ownerId }) => ownerId))];
  const useOf = await gatherUse(tx, ids, reads);
  const ownerOf = await gatherOwners(tx, ownerIds);
  const realmFacts = new Map([...realms.values()].map((realm) => [realm.id, factsOfRealm(realm)]));
  return (subject, reads) => {
    const { known, ownerId, realmId } = subject;
    const realm = realmFacts.get(realmId) ?? factsOfRealm(realmOf(realms, subject));
    return factsFor(known, { ...useOf(known.key.id), owner: ownerOf(ownerId) }, realm, request, reads);
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
