import type { Binding, Prisma, Rollout } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { isReached } from '../domain/rollout.ts';
import { decideStop } from '../domain/life.ts';
import type { Verdict } from '../domain/verdict.ts';
import { loadInputs, type LoadedInput } from '../bindings/load-inputs.ts';
import { visibleKeys } from '../keys/visible-keys.ts';
import type { EvaluationInput } from '../policies/evaluation-input.ts';
import { evaluateBindings } from '../policies/evaluate-policies.ts';
import type { Policies } from '../policies/policies.ts';
import { loadPolicyFacts, type RealmPolicies } from '../policies/realm-policies.ts';
import type { PreviousRevision } from '../policies/stored-revision.ts';
import type { Core, Transaction } from '../store/core.ts';
import { reachOfRollout, revisionAfter, revisionBefore } from './stored-rollout.ts';

/** A key whose stop a rollout moves, and when it stops with either revision, as if that were in force now; null: never. */
export interface MovedKey {
  readonly id: string;
  readonly createdAt: Date;
  readonly before: Date | null;
  readonly after: Date | null;
  /** Whether the new revision is in force for it, unless it has an exception. */
  readonly isReached: boolean;
}

/** Some keys by id, and the last one that was evaluated; null: none is behind it. */
export interface MovedKeyPage {
  readonly keys: readonly MovedKey[];
  readonly last: Pick<MovedKey, 'id' | 'createdAt'> | null;
}

/** How many keys are evaluated at a time, and how many for one page. */
const BATCH = 250;
const SCAN_MAX = 2_000;

/**
 * Returns the filter for the keys of a rollout's realm that are a caller's own: of itself, of its organizations, or of the customers
 * for whom it acts. `ownerId`: of this owner, if the caller may see its keys.
 */
export function ownKeys(caller: Caller, ownerId: string | null): Prisma.KeyWhereInput {
  if (ownerId !== null) {
    const isOwner = [{ accountId: ownerId }, { organizationId: ownerId }, { subjectId: ownerId }];
    return { AND: [visibleKeys(caller), { OR: isOwner }] };
  }
  if (caller.kind !== 'ACCOUNT') return visibleKeys(caller);
  return { OR: [{ accountId: caller.id }, { organizationId: { in: [...caller.roles.keys()] } }] };
}

/**
 * Finds the live keys whose stop a rollout moves, by id: at most `limit`, after one. Each key is evaluated twice, with the
 * revision before and with the new one, as a preview evaluates it; nothing is written.
 */
export async function findMovedKeys(
  { policies, clock }: Pick<Core, 'clock'> & { readonly policies: Policies },
  tx: Transaction,
  rollout: Rollout,
  { keys, after, limit }: { readonly keys: Prisma.KeyWhereInput; readonly after: string; readonly limit: number },
): Promise<MovedKeyPage> {
  const now = clock.now();
  const realm = await tx.realm.findUniqueOrThrow({
    where: { id: rollout.realmId },
    include: { bindings: { where: { OR: [{ unboundAt: null }, { id: rollout.bindingId }] } }, freezes: true },
  });
  const sides = [revisionBefore(rollout), nextRevision(rollout)].map((revision) =>
    withRevision(realm, rollout, revision),
  );
  const found: MovedKey[] = [];
  let last: MovedKeyPage['last'] = null;
  for (let scanned = 0; scanned < SCAN_MAX && found.length < limit; scanned += BATCH) {
    const loaded: readonly LoadedInput[] = await loadInputs(tx, realm, last?.id ?? after, BATCH, keys);
    found.push(...(await movedOf(policies, tx, rollout, sides, loaded, now)));
    const end = loaded.at(-1)?.input.known.key;
    if (end === undefined || loaded.length < BATCH) return { keys: found, last: null };
    last = { id: end.id, createdAt: new Date(end.createdAt) };
  }
  return { keys: found, last };
}

async function movedOf(
  policies: Policies,
  tx: Transaction,
  rollout: Rollout,
  sides: readonly RealmPolicies[],
  loaded: readonly LoadedInput[],
  now: Date,
): Promise<readonly MovedKey[]> {
  const inputs = loaded.map(({ input }) => input);
  const stops: Map<EvaluationInput, Verdict>[] = [];
  for (const side of sides) {
    const realms = new Map([[side.id, side]]);
    const options = { draftId: rollout.bindingId };
    const { evaluated } = await evaluateBindings(policies, tx, realms, inputs, now, options);
    stops.push(new Map(evaluated.map(({ input, verdict }) => [input, verdict])));
  }
  const ownerIds = inputs.map(({ ownerId }) => ownerId);
  const { rollouts } = await loadPolicyFacts(tx, [rollout.realmId], ownerIds);
  const members = rollouts.get(rollout.bindingId)?.find(({ id }) => id === rollout.id)?.members;
  const reach = reachOfRollout(rollout);
  return loaded.flatMap(({ input, chosenExpiresAt }) => {
    const [before = null, next = null] = stops.map((side) => {
      const verdict = side.get(input);
      return verdict === undefined ? null : decideStop(chosenExpiresAt, verdict).stopsAt;
    });
    if (before?.getTime() === next?.getTime()) return [];
    const { id, createdAt } = input.known.key;
    const member = members?.find(id, input.ownerId);
    return [
      {
        id,
        createdAt: new Date(createdAt),
        before,
        after: next,
        isReached: rollout.state === 'DONE' || (member !== undefined && isReached(reach, member)),
      },
    ];
  });
}

function nextRevision(rollout: Rollout): PreviousRevision | null {
  const after = revisionAfter(rollout);
  return after && { ...after, revision: rollout.revision };
}

/** Returns a realm in which the binding of a rollout has a revision; null: it does not have the binding. */
function withRevision(realm: RealmPolicies, { bindingId }: Rollout, revision: PreviousRevision | null): RealmPolicies {
  const binding = realm.bindings.find(({ id }) => id === bindingId);
  const others = realm.bindings.filter(({ id }) => id !== bindingId);
  if (binding === undefined || revision === null) return { ...realm, bindings: others };
  const { noticeMs, config, selector, ...rest } = revision;
  const draft = { ...rest, noticeMs: BigInt(noticeMs), config, selector, unboundAt: null, before: null };
  return { ...realm, bindings: [...others, { ...binding, ...draft, effectiveAt: binding.createdAt } as Binding] };
}
