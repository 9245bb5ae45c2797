import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { StopBasis } from '../domain/verdict.ts';
import { arrayLiteral } from '../store/array-literal.ts';
import { reviveRow } from '../store/json-rows.ts';
import { keyCondition } from '../store/where-sql.ts';
import { knownKeyOf, type KeyFactsRow } from '../policies/facts.ts';
import type { RealmPolicies } from '../policies/realm-policies.ts';
import type { EvaluationInput } from '../policies/evaluation-input.ts';
import { parseStoredVerdicts } from '../policies/stored-verdicts.ts';
import { stopPromiseOf } from '../policies/stop-promise.ts';
import type { Transaction } from '../store/core.ts';

/** A live key: its input for policies, and the stop in its row. */
export interface LoadedInput {
  readonly input: EvaluationInput;
  readonly chosenExpiresAt: Date | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  /** Whether the key was ever renewed, by automation or a person. */
  readonly wasRenewed: boolean;
  /** Whether a program renews the key: a key made the last renewal or rotation. */
  readonly isSelfRenewing: boolean;
}

interface Row extends Omit<KeyFactsRow, 'secrets'> {
  readonly ownerId: string;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly movedOutAt: Date | null;
  readonly movedOutMs: bigint | null;
  readonly bindsAt: Date | null;
  readonly isHeldByPolicy: boolean;
  readonly verdicts: unknown;
  readonly compact: Uint8Array | null;
  readonly judgedAt: Date;
  readonly generation: number;
  readonly secretCreatedAt: Date;
  readonly firstUsedAt: Date | null;
  readonly isSelfRenewing: boolean | null;
}

/** Loads the next live keys of a realm by id, in one statement. `keys`: only those of this condition. */
export async function loadInputs(
  tx: Pick<Transaction, '$queryRaw'>,
  realm: RealmPolicies,
  after: string,
  limit: number,
  keys: Prisma.KeyWhereInput = {},
): Promise<LoadedInput[]> {
  // One value, because Prisma converts each column of each row on its own. Correlated subqueries read the rows of each key: a
  // merge join would, for each batch, read the rows of all earlier batches again.
  const [read] = await tx.$queryRaw<[{ rows: Row[] }]>`
    SELECT coalesce(json_agg(r), '[]') AS rows FROM (
    SELECT k.id, coalesce(k."accountId", k."organizationId", k."subjectId") AS "ownerId", k.name, k.scopes, k."createdAt", k."grantedAt",
           k."renewedAt", k."renewalCount", k."isSelfRenewing", k."chosenExpiresAt", k."lifetimeMs", k."activeAt", k."lastUsedAt", k."parentId",
           k."stopsAt", k."stopsBasis"::text AS "stopsBasis", k."movedOutAt", k."movedOutMs", k."bindsAt", s.generation, s."createdAt" AS "secretCreatedAt",
           (SELECT min(f."firstUsedAt") FROM "Secret" f WHERE f."keyId" = k.id) AS "firstUsedAt",
           j.verdicts, j.compact, j."judgedAt",
           EXISTS (SELECT 1 FROM "Hold" h WHERE h."keyId" = k.id AND h.source = 'POLICY') AS "isHeldByPolicy",
           (SELECT coalesce(json_agg(json_build_object('name', l.name, 'value', l.value)), '[]')
              FROM "Label" l WHERE l."keyId" = k.id) AS labels
    FROM "Key" k
      LEFT JOIN LATERAL (
        SELECT verdicts, compact, "judgedAt" FROM "Judgement" WHERE "keyId" = k.id LIMIT 1
      ) j ON true
      CROSS JOIN LATERAL (
        SELECT generation, "createdAt" FROM "Secret" WHERE "keyId" = k.id AND "retiresAt" IS NULL LIMIT 1
      ) s
    WHERE k."realmId" = ${realm.id} AND k.id > ${after} AND k."revokedAt" IS NULL AND k."expiredAt" IS NULL
      AND ${keyCondition(keys)}
    ORDER BY k.id LIMIT ${limit}) r`;
  return read.rows.map((found) => {
    const row = reviveRow(found);
    const { id, ownerId, stopsAt, stopsBasis, chosenExpiresAt, generation, secretCreatedAt, firstUsedAt } = row;
    const previous = parseStoredVerdicts(row);
    const secrets = [{ generation, createdAt: secretCreatedAt, firstUsedAt, retiresAt: null }];
    return {
      input: {
        known: knownKeyOf({ ...row, id, secrets }),
        ownerId,
        realmId: realm.id,
        promise: stopPromiseOf(row, realm, previous),
        previous,
      },
      chosenExpiresAt,
      stopsAt,
      stopsBasis,
      wasRenewed: row.renewalCount > 0,
      isSelfRenewing: row.isSelfRenewing === true,
    };
  });
}

/** Loads the days since 1970 on which some keys were used, oldest first: the last 400 of each. */
export async function loadUseDays(
  tx: Transaction,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (keyIds.length === 0) return new Map();
  const [read] = await tx.$queryRaw<[{ days: Record<string, readonly number[]> }]>`
    SELECT coalesce(json_object_agg("keyId", days), '{}') AS days FROM "UseDays"
    WHERE "keyId" = ANY(${arrayLiteral(keyIds)}::text[])`;
  return new Map(Object.entries(read.days));
}

/** Loads the owners of the rules by which tokens of CI jobs are exchanged for keys of a realm. */
export async function loadExchangingOwners(tx: Transaction, realmId: string): Promise<ReadonlySet<string>> {
  const rules = await tx.tokenRule.findMany({
    where: { removedAt: null, issuer: { realmId, distrustedAt: null } },
    select: { accountId: true, organizationId: true },
    distinct: ['accountId', 'organizationId'],
  });
  return new Set(rules.flatMap(({ accountId, organizationId }) => accountId ?? organizationId ?? []));
}
