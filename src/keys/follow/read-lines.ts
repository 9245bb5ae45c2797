import { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Core } from '../../store/core.ts';
import { FOLLOW_FORMAT, type RealmLine } from '../../verifier/follow-lines.ts';

/** Who reads lines, and what it evaluates. */
export interface LineReader {
  readonly realmId: string;
  /**
   * Whether it evaluates `notBefore` and `allowedAddresses`. To others, keys that have any are sent without secrets, so that they ask
   * the gateway about them: readers of an earlier release would accept such a key from anywhere.
   */
  readonly evaluatesRestrictions: boolean;
  /** Whether it evaluates `brownouts`. To others, keys that have any are sent without secrets, for the same reason. */
  readonly evaluatesBrownouts: boolean;
}

type Reader = { readonly prisma: Pick<Core['prisma'], '$queryRaw' | 'realm'> };

/** Reads keys of a realm as lines for followers, each as it is now, by their ids. */
export function readKeyLines(
  { prisma }: Reader,
  reader: LineReader,
  keyIds: readonly string[],
): Promise<readonly string[]> {
  return queryLines(prisma, reader, Prisma.sql`k."realmId" = ${reader.realmId} AND k.id = ANY(${[...keyIds]})`);
}

/** Reads the next keys of a realm that have not ended, by their ids, as lines for followers. */
export function readLiveKeyLines(
  { prisma }: Reader,
  reader: LineReader,
  { after, count }: { readonly after: string; readonly count: number },
): Promise<readonly string[]> {
  const live = Prisma.sql`k."realmId" = ${reader.realmId} AND k."revokedAt" IS NULL AND k."expiredAt" IS NULL`;
  return queryLines(prisma, reader, Prisma.sql`${live} AND k.id > ${after} ORDER BY k.id LIMIT ${count}`);
}

/** Reads what a realm decides about all its keys, as a line for followers. */
export async function readRealmLine({ prisma }: Reader, realmId: string): Promise<string> {
  const { foreignPattern, actions, ...realm } = await prisma.realm.findUniqueOrThrow({
    where: { id: realmId },
    select: {
      id: true,
      slug: true,
      foldsCase: true,
      foreignPattern: true,
      actions: { select: { name: true } },
    },
  });
  const line: RealmLine = {
    format: FOLLOW_FORMAT,
    ...realm,
    actions: actions.map(({ name }) => name).toSorted(),
    foreignSecrets: foreignPattern === null ? null : { pattern: foreignPattern },
  };
  return JSON.stringify({ realm: line });
}

/** The columns of a line have the names of `KeyLine`; neither names nor secrets are among them. */
async function queryLines(
  prisma: Reader['prisma'],
  { evaluatesRestrictions, evaluatesBrownouts }: LineReader,
  condition: Prisma.Sql,
): Promise<readonly string[]> {
  const rows = await prisma.$queryRaw<{ readonly line: string }[]>`
    SELECT json_build_object('key', json_build_object(
             'id', k.id, 'ownerId', coalesce(k."accountId", k."organizationId", k."subjectId"), 'tokenRuleId', k."tokenRuleId",
             'externalId', (SELECT u."externalId" FROM "Subject" u WHERE u.id = k."subjectId"),
             'scopes', k.scopes,
             'labels', (SELECT coalesce(json_agg(json_build_object('name', l.name, 'value', l.value) ORDER BY l.name), '[]')
                          FROM "Label" l WHERE l."keyId" = k.id),
             'expiresAt', ${ms('k."expiresAt"')}, 'expiryBasis', k."expiryBasis", 'stopsAt', ${ms('k."stopsAt"')},
             'expiredAt', ${ms('k."expiredAt"')}, 'revokedAt', ${ms('k."revokedAt"')},
             'renewalDueAt', ${ms('k."renewalDueAt"')},
             'notBefore', ${ms('k."notBefore"')}, 'allowedAddresses', coalesce(k."allowedAddresses", '{}'),
             'warnings', k.warnings,
             'brownouts', (SELECT json_agg(json_build_object('from', b->'from', 'to', b->'to')) FROM jsonb_array_elements(k.brownouts) b),
             'holdSources', ARRAY(SELECT DISTINCT h.source::text FROM "Hold" h WHERE h."keyId" = k.id ORDER BY 1),
             'secrets', CASE WHEN (${evaluatesRestrictions} OR (k."notBefore" IS NULL AND cardinality(coalesce(k."allowedAddresses", '{}')) = 0))
                                  AND (${evaluatesBrownouts} OR k.brownouts IS NULL)
                             THEN (SELECT coalesce(json_agg(json_build_object('digest', encode(s.digest, 'hex'), 'generation', s.generation,
                                                           'retiresAt', ${ms('s."retiresAt"')}) ORDER BY s.generation), '[]')
                           FROM "Secret" s WHERE s."keyId" = k.id AND s.form <> 'FOREIGN_SEALED') ELSE '[]' END))::text AS line
    FROM "Key" k WHERE ${condition}`;
  return rows.map(({ line }) => line);
}

/** Returns an instant's whole milliseconds since 1970. */
function ms(column: string): Prisma.Sql {
  return Prisma.raw(`(date_part('epoch', ${column}) * 1000)::bigint`);
}
