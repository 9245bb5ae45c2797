import { isSameDigest, type Secret } from '../domain/secret.ts';
import type { Scope } from '../domain/scope.ts';
import type { StopBasis } from '../domain/verdict.ts';
import type { MessageFacts } from '../domain/outcome-message.ts';
import type { Core } from '../store/core.ts';

/** A key found by one of its secrets: everything that a verification needs, read in one statement. */
export interface FoundKey extends MessageFacts {
  readonly id: string;
  readonly name: string;
  readonly realmId: string;
  readonly ownerId: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly createdAt: Date;
  readonly grantedAt: Date;
  readonly chosenExpiresAt: Date | null;
  /** The suggested moment of its next renewal. */
  readonly renewalDueAt: Date | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly secretId: string;
  readonly generation: number;
  readonly firstUsedAt: Date | null;
}

/**
 * Finds the key of a whole secret: by the index on digests, then by a constant-time comparison. Null: no key has it. With
 * an action, the same statement looks it up in the catalogue of the key's realm.
 */
export async function findBySecret(
  core: Pick<Core, 'prisma'>,
  secret: Secret,
  action: string | null = null,
): Promise<FoundKey | null> {
  const digest = Buffer.from(secret.digest());
  const [found] = await core.prisma.$queryRaw<(FoundKey & { digest: Uint8Array; scopes: Scope[] })[]>`
    SELECT k.id, k.name, k."realmId", k.scopes, k."createdAt", k."grantedAt", k."chosenExpiresAt", k."expiresAt",
           k."expiryBasis"::text AS "expiryBasis", k."stopsAt", k."stopsBasis"::text AS "stopsBasis", k."expiredAt",
           k."revokedAt", k."renewalDueAt", k."tokenRuleId", coalesce(k."accountId", k."organizationId") AS "ownerId",
           EXISTS (SELECT 1 FROM "Hold" h WHERE h."keyId" = k.id) AS "isHeld",
           ARRAY(SELECT DISTINCT h.source::text FROM "Hold" h WHERE h."keyId" = k.id) AS "holdSources",
           (SELECT coalesce(jsonb_agg(jsonb_build_object('name', l.name, 'value', l.value) ORDER BY l.name), '[]')
              FROM "Label" l WHERE l."keyId" = k.id) AS labels,
           r.slug AS "realmSlug", r."foldsCase",
           (${action}::text IS NULL
             OR EXISTS (SELECT 1 FROM "Action" a WHERE a."realmId" = k."realmId" AND a.name = ${action})) AS "isActionKnown",
           s.id AS "secretId", s.generation, s.digest, s."retiresAt", s."firstUsedAt"
    FROM "Secret" s JOIN "Key" k ON k.id = s."keyId" JOIN "Realm" r ON r.id = k."realmId"
    WHERE s.digest = ${digest}`;
  if (found === undefined || !isSameDigest(found.digest, digest)) return null;
  return found;
}
