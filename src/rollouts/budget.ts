import type { Rollout } from '../../prisma/generated/client/client.ts';
import { DAY_MS } from '../domain/duration.ts';
import { addMs, hasCome } from '../domain/key.ts';
import { decideStop } from '../domain/life.ts';
import { exceedsBudget, isReached } from '../domain/rollout.ts';
import { evaluationInputOf } from '../keys/apply-policies.ts';
import { findBrokenKeys, type FirstBreakage } from '../keys/count-breakages.ts';
import type { KeyRow } from '../keys/key-row.ts';
import { readKeys } from '../keys/lock-key.ts';
import { evaluateBindings } from '../policies/evaluate-policies.ts';
import type { Policies } from '../policies/policies.ts';
import { loadPolicyFacts } from '../policies/realm-policies.ts';
import { RolloutMembers } from '../policies/rollout-facts.ts';
import { parseStoredVerdicts } from '../policies/stored-verdicts.ts';
import type { Transaction } from '../store/core.ts';
import { reachOfRollout } from './stored-rollout.ts';

/** How many broken keys are checked at a time, and how often: those that broke for another reason must not hide the others. */
const BROKEN_BATCH = 1_000;
const BATCHES_MAX = 20;

/** The breakages that a budget counts. It does not count retired secrets, because a rotation retires them. */
export const STOPS = ['KEY_EXPIRED', 'KEY_HELD'] as const;

/** A consumer of the cohort counts for so long after its last use. */
const SEEN_MS = 90 * DAY_MS;

/**
 * Whether more owners broke since `budgetSince` than the budget of a rollout allows. Nothing breaks before the new revision is in
 * force, or by the removal of a binding.
 */
export async function isBudgetUsedUp(
  policies: Policies,
  tx: Transaction,
  rollout: Rollout,
  now: Date,
): Promise<boolean> {
  if (rollout.inForceSince === null || rollout.after === null) return false;
  const { budgetOwners: owners, budgetShare: share } = rollout;
  const broken = await countBrokenOwners(policies, tx, rollout, now);
  if (broken <= owners) return false;
  const consumers = share === null ? 0 : await countConsumers(tx, rollout, now);
  return exceedsBudget({ owners, share }, { owners: broken, consumers });
}

/** Counts the owners with a key that broke a consumer because the rollout's revision stopped it (rule 44). */
async function countBrokenOwners(policies: Policies, tx: Transaction, rollout: Rollout, now: Date): Promise<number> {
  const scope = { realmId: rollout.realmId, since: rollout.budgetSince, outcomes: STOPS };
  const owners = new Set<string>();
  let last: FirstBreakage | null = null;
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const found: readonly FirstBreakage[] = await findBrokenKeys(tx, scope, BROKEN_BATCH, last);
    const ownerOf = new Map(found.map(({ keyId, ownerId }) => [keyId, ownerId]));
    const keys = found.length === 0 ? [] : await readKeys(tx, [...ownerOf.keys()]);
    const stopped = keys.filter((key) => isStoppedBy(rollout, key, now));
    const accepted = await filterAccepted(policies, tx, rollout, stopped, now);
    for (const { id } of accepted) owners.add(ownerOf.get(id) ?? '');
    last = found.at(-1) ?? null;
    if (found.length < BROKEN_BATCH) break;
  }
  return owners.size;
}

/** Whether the stored verdict of a rollout's revision has stopped a key. */
export function isStoppedBy({ bindingId, revision }: Rollout, { judgement }: KeyRow, now: Date): boolean {
  const verdict = parseStoredVerdicts(judgement).find(
    (one) => one.bindingId === bindingId && one.revision === revision && one.counts,
  );
  const { cap = null, hold = null, expire = null } = verdict?.effective ?? {};
  return [cap, hold, expire].some((at) => at !== null && at <= now.getTime());
}

/** Returns the keys that would not have stopped without the rollout: the revision before is evaluated for them. */
async function filterAccepted(
  policies: Policies,
  tx: Transaction,
  { realmId, bindingId }: Rollout,
  keys: readonly KeyRow[],
  now: Date,
): Promise<readonly KeyRow[]> {
  if (keys.length === 0) return [];
  const alive = keys.map((key): KeyRow => ({ ...key, expiredAt: null, standing: 'ACTIVE' }));
  const inputs = alive.map((key) => ({ ...evaluationInputOf(key), promise: 'NEW' as const }));
  const ownerIds = inputs.map(({ ownerId }) => ownerId);
  const { realms } = await loadPolicyFacts(tx, [realmId], ownerIds);
  const { evaluated } = await evaluateBindings(policies, tx, realms, inputs, now, { draftId: bindingId });
  return keys.filter(({ chosenExpiresAt }, index) => {
    const verdict = evaluated[index]?.verdict;
    return verdict !== undefined && !hasCome(decideStop(chosenExpiresAt, verdict).stopsAt, now);
  });
}

/** Counts the consumers of the keys that a rollout has reached and that were seen in the last 90 days. */
async function countConsumers(tx: Transaction, rollout: Rollout, now: Date): Promise<number> {
  const rows = await tx.$queryRaw<{ keyId: string; ownerId: string; count: number }[]>`
    SELECT k.id AS "keyId", coalesce(k."accountId", k."organizationId", k."subjectId") AS "ownerId",
      count(DISTINCT u.consumer)::int AS count
    FROM "Key" k JOIN "Secret" s ON s."keyId" = k.id JOIN "Use" u ON u."secretId" = s.id
    WHERE k."realmId" = ${rollout.realmId} AND u.consumer <> '' AND u."lastUsedAt" >= ${addMs(now, -SEEN_MS)}
    GROUP BY 1, 2`;
  const owners = await tx.rolloutOwner.findMany({ where: { rolloutId: rollout.id } });
  const keys = await tx.rolloutKey.findMany({ where: { rolloutId: rollout.id } });
  const members = new RolloutMembers([
    ...owners.map((row) => ({ ...row, keyId: null, exceptUntil: null, enrolledAt: null })),
    ...keys.map((row) => ({ ...row, position: null, exceptUntil: null, enrolledAt: null })),
  ]);
  const reach = reachOfRollout(rollout);
  return rows
    .filter(({ keyId, ownerId }) => isReached(reach, members.find(keyId, ownerId)))
    .reduce((sum, { count }) => sum + count, 0);
}
