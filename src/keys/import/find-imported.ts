import { Prisma } from '../../../prisma/generated/client/client.ts';
import type { StopBasis } from '../../domain/verdict.ts';
import { arrayLiteral } from '../../store/array-literal.ts';
import type { Transaction } from '../../store/core.ts';
import type { ImportRow } from './import-row.ts';

/** A key whose secret has a digest, or that was imported from a source under an id. */
export interface ExistingKey {
  readonly keyId: string;
  readonly realmId: string;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly bindsAt: Date | null;
  /** Identifies the row from which it was imported; null: it was not imported. */
  readonly rowDigest: Uint8Array | null;
  /** Whether its row had a salted digest; null: it was not imported. */
  readonly isAnnounced: boolean | null;
}

/** Looks up existing keys for rows of an import. */
export interface ExistingKeys {
  byDigest(digest: Uint8Array): ExistingKey | undefined;
  bySource(row: Pick<ImportRow, 'source' | 'externalKeyId'>): ExistingKey | undefined;
}

type FoundRow = ExistingKey & {
  readonly digest: Uint8Array | null;
  readonly source: string | null;
  readonly externalKeyId: string | null;
};

const foundColumns = Prisma.sql`
  k.id AS "keyId", k."realmId", k."stopsAt", k."stopsBasis"::text AS "stopsBasis", k."bindsAt",
  i."rowDigest", i."isAnnounced", i.source, i."externalKeyId"`;

/** Finds the keys that rows of an import name by a digest or by an id in their source, in one statement. */
export async function findExistingKeys(
  tx: Transaction,
  realmId: string,
  digests: readonly Uint8Array[],
  rows: readonly ImportRow[],
): Promise<ExistingKeys> {
  const hex = digests.map((digest) => Buffer.from(digest).toString('hex'));
  const named = rows.filter(({ externalKeyId }) => externalKeyId !== null);
  const idsOf = (hasSource: boolean) =>
    named.filter(({ source }) => (source !== null) === hasSource).map(({ externalKeyId }) => externalKeyId ?? '');
  const sources = named.flatMap(({ source }) => source ?? []);
  // Each digest and id is looked up in an index (LATERAL … LIMIT 1), however many keys there are.
  const found = await tx.$queryRaw<FoundRow[]>`
    SELECT found.* FROM unnest(${arrayLiteral(hex)}::text[]) AS d CROSS JOIN LATERAL (
      SELECT ${foundColumns}, s.digest
      FROM "Secret" s JOIN "Key" k ON k.id = s."keyId" LEFT JOIN "KeyImport" i ON i."keyId" = k.id
      WHERE s.digest = decode(d, 'hex') LIMIT 1) AS found
    UNION ALL
    SELECT found.* FROM unnest(${arrayLiteral(sources)}::text[], ${arrayLiteral(idsOf(true))}::text[]) AS n(source, id) CROSS JOIN LATERAL (
      SELECT ${foundColumns}, NULL::bytea AS digest FROM "KeyImport" i JOIN "Key" k ON k.id = i."keyId"
      WHERE i."realmId" = ${realmId} AND i.source = n.source AND i."externalKeyId" = n.id LIMIT 1) AS found
    UNION ALL
    SELECT found.* FROM unnest(${arrayLiteral(idsOf(false))}::text[]) AS n(id) CROSS JOIN LATERAL (
      SELECT ${foundColumns}, NULL::bytea AS digest FROM "KeyImport" i JOIN "Key" k ON k.id = i."keyId"
      WHERE i."realmId" = ${realmId} AND i.source IS NULL AND i."externalKeyId" = n.id LIMIT 1) AS found`;
  const byDigest = new Map<string, ExistingKey>();
  const bySource = new Map<string, ExistingKey>();
  for (const row of found) {
    if (row.digest !== null) byDigest.set(Buffer.from(row.digest).toString('hex'), row);
    if (row.digest === null) bySource.set(nameOf(row), row);
  }
  return {
    byDigest: (digest) => byDigest.get(Buffer.from(digest).toString('hex')),
    bySource: (row) => (row.externalKeyId === null ? undefined : bySource.get(nameOf(row))),
  };
}

/** Returns what identifies an imported key of a realm besides its digest. */
export function nameOf({ source, externalKeyId }: Pick<ImportRow, 'source' | 'externalKeyId'>): string {
  return JSON.stringify([source, externalKeyId]);
}
