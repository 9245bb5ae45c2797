import { noBrownouts } from '../../domain/brownout.ts';
import type { Scope } from '../../domain/scope.ts';
import { noWarnings } from '../../domain/verification-warning.ts';
import type { Core } from '../../store/core.ts';
import type { StoredSecret, VerifiedRealm } from '../../verifier/stored-secret.ts';

/** A row of the statement; the actions of a realm are in one of its rows only. */
type SecretRow = Omit<StoredSecret, 'actions' | 'warnings' | 'brownouts'> & {
  readonly warnings: StoredSecret['warnings'] | null;
  readonly brownouts: StoredSecret['brownouts'] | null;
  readonly actions: readonly string[] | null;
  readonly scopes: readonly Scope[];
};

/**
 * Reads secrets by their digests, in hexadecimal, in one statement and so as of one moment. The only way in which a
 * verification reads the database.
 */
export async function loadSecrets(
  { prisma }: Pick<Core, 'prisma'>,
  digests: readonly string[],
): Promise<readonly StoredSecret[]> {
  if (digests.length === 0) return [];
  const rows = await prisma.$queryRaw<SecretRow[]>`
    SELECT k.id, k.name, k."realmId", k.scopes, k."expiresAt", k."expiryBasis"::text AS "expiryBasis", k."stopsAt",
           k."expiredAt", k."revokedAt", k."renewalDueAt", k."tokenRuleId",
           k."notBefore", coalesce(k."allowedAddresses", '{}') AS "allowedAddresses", k.warnings, k.brownouts,
           coalesce(k."accountId", k."organizationId", k."subjectId") AS "ownerId",
           (SELECT u."externalId" FROM "Subject" u WHERE u.id = k."subjectId") AS "externalId",
           EXISTS (SELECT 1 FROM "Hold" h WHERE h."keyId" = k.id) AS "isHeld",
           ARRAY(SELECT DISTINCT h.source::text FROM "Hold" h WHERE h."keyId" = k.id ORDER BY 1) AS "holdSources",
           (SELECT coalesce(jsonb_agg(jsonb_build_object('name', l.name, 'value', l.value) ORDER BY l.name), '[]')
              FROM "Label" l WHERE l."keyId" = k.id) AS labels,
           r.slug AS "realmSlug", r."foldsCase",
           CASE WHEN row_number() OVER (PARTITION BY r.id) = 1
                THEN ARRAY(SELECT a.name FROM "Action" a WHERE a."realmId" = r.id) END AS actions,
           s.id AS "secretId", s.generation, s.digest, s."retiresAt", s."firstUsedAt"
    FROM "Secret" s JOIN "Key" k ON k.id = s."keyId" JOIN "Realm" r ON r.id = k."realmId"
    WHERE s.digest = ANY(ARRAY(SELECT decode(given, 'hex') FROM unnest(${[...digests]}::text[]) AS given))`;
  const actions = new Map<string, ReadonlySet<string>>();
  for (const row of rows) if (row.actions !== null) actions.set(row.realmId, new Set(row.actions));
  return rows.map((row) => ({
    ...row,
    warnings: row.warnings ?? noWarnings,
    brownouts: row.brownouts ?? noBrownouts,
    actions: actions.get(row.realmId) ?? new Set(),
  }));
}

/** Reads the facts of realms. */
export async function loadRealmFacts(
  { prisma }: Pick<Core, 'prisma'>,
  realmIds: readonly string[],
): Promise<readonly VerifiedRealm[]> {
  if (realmIds.length === 0) return [];
  const realms = await prisma.realm.findMany({
    where: { id: { in: [...realmIds] } },
    select: { id: true, slug: true, foldsCase: true, actions: { select: { name: true } } },
  });
  return realms.map((realm) => ({ ...realm, actions: new Set(realm.actions.map(({ name }) => name)) }));
}
