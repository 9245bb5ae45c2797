import { LRUCache } from 'lru-cache';
import { uniteFreezes } from '../domain/freeze.ts';
import type { Transaction } from '../store/core.ts';
import { loadOnce } from '../store/load-once.ts';
import type { Facts, Reading, RequestFacts } from './contract.ts';
import { factsFor, gatherUse, type KnownKey } from './facts.ts';
import type { Revision } from './revisions.ts';
import { realmOf, type PolicyFacts, type RealmPolicies } from './realm-policies.ts';
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
  owners: PolicyFacts['owners'],
): Promise<FactsReader> {
  const reads = new Set(revisions.flatMap(({ hash }) => policies.find(hash)?.reads ?? []));
  const ids = inputs.map(({ known }) => known.key.id);
  const useOf = await loadOnce(tx, `use ${[...reads, ...ids].join()}`, () => gatherUse(tx, ids, reads));
  const realmFacts = new Map([...realms.values()].map((realm) => [realm.id, findSame(factsOfRealm(realm))]));
  const ownerFacts = new Map([...owners].map(([id, owner]) => [id, findSame(owner)]));
  const made = new Map<string, Map<EvaluationInput, Facts>>();
  const make: FactsReader = (input, reads) => {
    const { known, ownerId, realmId, request = null } = input;
    const owner = input.ownerFacts ?? ownerFacts.get(ownerId);
    if (owner === undefined) throw new Error(`owner not found: ${ownerId}`);
    const realm = realmFacts.get(realmId) ?? factsOfRealm(realmOf(realms, input));
    const facts = factsFor(known, { ...useOf(known.key.id), owner }, realm, request, reads);
    const isUsedAgain = policies.recall !== undefined && !reads.includes('DAYS') && !reads.includes('CONSUMERS');
    return isUsedAgain ? findMade(known, facts) : facts;
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

/** Recent facts of realms and owners, by their JSON. */
const recent = new LRUCache<string, object>({ max: 5_000 });

/** Returns facts that say the same, from an earlier evaluation if there was one. */
function findSame<Value extends object>(facts: Value): Value {
  const text = JSON.stringify(facts);
  const known = recent.get(text) as Value | undefined;
  if (known !== undefined) return known;
  recent.set(text, facts);
  return facts;
}

const madeByKey = new WeakMap<KnownKey, readonly Facts[]>();

/** Returns facts that were made of the same key, realm, owner and request before: a transaction gets those of its rehearsal. */
function findMade(known: KnownKey, facts: Facts): Facts {
  const before = madeByKey.get(known) ?? [];
  const isSame = ({ realm, owner, request }: Facts) =>
    realm === facts.realm && owner === facts.owner && isSameRequest(request, facts.request);
  const same = before.find(isSame);
  if (same !== undefined) return same;
  madeByKey.set(known, [...before, facts]);
  return facts;
}

function isSameRequest(one: RequestFacts | null, other: RequestFacts | null): boolean {
  return one?.kind === other?.kind && one?.expiresAt === other?.expiresAt;
}

/** Returns the facts of a realm. */
export function factsOfRealm({ slug, shortestLifetimeMs, longestLifetimeMs, freezes }: RealmPolicies): Facts['realm'] {
  return {
    slug,
    shortestLifetime: Number(shortestLifetimeMs),
    longestLifetime: Number(longestLifetimeMs),
    freezes: uniteFreezes(freezes).map(({ from, to }) => ({ from: from.getTime(), to: to.getTime() })),
  };
}
