import { Prisma } from '../../prisma/generated/client/client.ts';
import type { Selector } from '../domain/selector.ts';

/** Returns SQL that is true for the rows of the table "Key" as `k` which a selector matches, as `selects` decides it. Null matches all. */
export function selectorCondition(selector: Selector | null): Prisma.Sql {
  if (selector === null) return Prisma.sql`true`;
  const { owners, keyIds, labels, issuedBefore, issuedAfter, not } = selector;
  const conditions = [
    owners == null
      ? []
      : [Prisma.sql`coalesce(k."accountId", k."organizationId", k."subjectId") = ANY(${[...owners]}::text[])`],
    keyIds == null ? [] : [Prisma.sql`k.id = ANY(${[...keyIds]}::text[])`],
    (labels ?? []).map(
      ({ name, value }) => Prisma.sql`EXISTS (
        SELECT FROM "Label" l WHERE l."keyId" = k.id AND l.name = ${name} AND l.value = ${value})`,
    ),
    issuedBefore == null ? [] : [Prisma.sql`k."createdAt" < ${issuedBefore}::timestamptz`],
    issuedAfter == null ? [] : [Prisma.sql`k."createdAt" >= ${issuedAfter}::timestamptz`],
    not == null ? [] : [Prisma.sql`NOT (${selectorCondition(not)})`],
  ].flat();
  return conditions.length === 0 ? Prisma.sql`true` : Prisma.join(conditions, ' AND ');
}
