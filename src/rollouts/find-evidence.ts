import { Prisma, type Rollout } from '../../prisma/generated/client/client.ts';
import type { Json } from '../domain/event.ts';
import { isReached, laterEnd, roleOf } from '../domain/rollout.ts';
import { readSelector } from '../policies/revisions.ts';
import { selectorCondition } from '../policies/selector-condition.ts';
import { reachOfRollout, stagesOf, type RolloutReader } from './stored-rollout.ts';

/** The least share of the owners that a stage reached who must have used a key in it: less says nothing about the others. */
const EVIDENCE_SHARE = 0.1;

/** The keys of an owner that a rollout treats alike. */
interface OwnerUse {
  readonly rolloutId: string;
  readonly presentOwnerId: string;
  /** The owner who places the keys in the cohorts: that at the proposal. */
  readonly ownerId: string;
  readonly isEnrolled: boolean;
  readonly exceptUntil: Date | null;
  readonly isUsed: boolean;
}

/**
 * Returns the ids of the rollouts about which enough is known, in two statements: since the present stage began, a tenth of the owners
 * whom that stage reached, and at least one of them, used a key that the rollout changes, or were refused. Owners of the
 * stages before say nothing about this one, unless it reached no other; nor do keys with an exception, or that no revision selects.
 */
export async function findEvidence(
  tx: RolloutReader,
  rollouts: readonly Rollout[],
  now: Date,
): Promise<ReadonlySet<string>> {
  if (rollouts.length === 0) return new Set();
  const uses = await tx.$queryRaw<OwnerUse[]>`${Prisma.join(rollouts.map(selectUses), ' UNION ALL ')}`;
  const rows = await tx.rolloutOwner.findMany({ where: { rolloutId: { in: rollouts.map(({ id }) => id) } } });
  const owners = new Map(rows.map((row) => [`${row.rolloutId} ${row.ownerId}`, row]));
  const known = rollouts.filter((rollout) => {
    const own = uses.filter(({ rolloutId }) => rolloutId === rollout.id);
    const placed = own.map(({ ownerId, isEnrolled, exceptUntil, ...use }) => {
      const owner = owners.get(`${rollout.id} ${ownerId}`);
      const member = {
        ownerId,
        position: owner?.position ?? null,
        isEnrolled: isEnrolled || owner?.isEnrolled === true,
        exceptUntil: laterEnd(exceptUntil, owner?.exceptUntil ?? null),
      };
      return { ...use, member };
    });
    const reach = reachOfRollout(rollout);
    const before = {
      ...reach,
      stage: rollout.stage - 1,
      threshold: stagesOf(rollout)[rollout.stage - 1]?.threshold ?? 0,
    };
    const reached = placed.filter(({ member }) => roleOf(reach, member, now) === 'AFTER');
    const fresh = reached.filter(({ member }) => rollout.stage === 0 || !isReached(before, member));
    return isEnough(fresh.length > 0 ? fresh : reached);
  });
  return new Set(known.map(({ id }) => id));
}

function isEnough(uses: readonly Pick<OwnerUse, 'presentOwnerId' | 'isUsed'>[]): boolean {
  const owners = new Set(uses.map(({ presentOwnerId }) => presentOwnerId));
  const used = new Set(uses.flatMap(({ presentOwnerId, isUsed }) => (isUsed ? [presentOwnerId] : [])));
  return used.size >= Math.max(1, Math.ceil(owners.size * EVIDENCE_SHARE));
}

/** SQL: the owners of the keys that a rollout changes, and whether they used one in its present stage, as OwnerUse. */
function selectUses({ id, realmId, stageSince, before, after }: Rollout): Prisma.Sql {
  const selectors = [before, after].flatMap((revision) =>
    revision === null ? [] : [readSelector((revision as { readonly selector?: Json }).selector ?? null)],
  );
  const isChanged = Prisma.join(
    selectors.map((selector) => Prisma.sql`(${selectorCondition(selector)})`),
    ' OR ',
  );
  const owner = Prisma.sql`coalesce(k."accountId", k."organizationId", k."subjectId")`;
  return Prisma.sql`
    SELECT ${id}::text AS "rolloutId", ${owner} AS "presentOwnerId", coalesce(m."ownerId", ${owner}) AS "ownerId",
      coalesce(m."isEnrolled", false) AS "isEnrolled", m."exceptUntil",
      bool_or(coalesce(k."lastUsedAt" >= ${stageSince}::timestamptz, false) OR EXISTS (
        SELECT FROM "Breakage" b WHERE b."keyId" = k.id AND b.at >= ${stageSince}::timestamptz)) AS "isUsed"
    FROM "Key" k LEFT JOIN "RolloutKey" m ON m."rolloutId" = ${id} AND m."keyId" = k.id
    WHERE k."realmId" = ${realmId} AND k."revokedAt" IS NULL AND (${isChanged})
      AND (k."expiredAt" IS NULL OR k."expiredAt" >= ${stageSince}::timestamptz) GROUP BY 2, 3, 4, 5`;
}
