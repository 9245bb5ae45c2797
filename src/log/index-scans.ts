import { Prisma } from '../../prisma/generated/client/client.ts';
import { hasReservedAction } from '../domain/caller.ts';
import type { EventQuery } from './event-query.ts';
import { realmWideCondition, findVisibleOwners } from './visible-events.ts';

/**
 * A scan of events through one index, in order: for each row of `over`, the events that match `where`. A query reads
 * one page from each of its scans and merges these pages, so that the first page costs about the same wherever in the
 * log it begins.
 */
export interface IndexScan {
  readonly over: Prisma.Sql;
  readonly where: Prisma.Sql;
}

/**
 * Returns scans that cover all events that a query selects, and possibly others. `keyIds` are the only keys whose
 * events can match, if that is known.
 */
export function planIndexScans({ caller, filter }: EventQuery, keyIds: readonly string[] | null): readonly IndexScan[] {
  const { types, realm, owner } = filter;
  if (keyIds !== null) return [scanEach('key', keyIds, Prisma.sql`"keyId" = key`)];
  const owners = owner == null ? findVisibleOwners(caller) : [owner];
  if (owners === null)
    return [
      types == null
        ? scanOnce(realmCondition(realm))
        : scanEach('kind', types, Prisma.sql`type = kind AND ${realmCondition(realm)}`),
    ];
  const scans = types == null ? [scanEachOwner(owners)] : [scanEachOwnerAndType(owners, types)];
  if (types == null || types.includes('KEY_TRANSFERRED')) scans.push(scanTransfersFromEach(owners));
  if (owner == null && caller.kind !== 'PORTAL') scans.push(scanOnce(realmWideCondition));
  if (owner == null && caller.kind === 'KEY') scans.push(scanOnce(Prisma.sql`"keyId" = ${caller.id}`));
  if (owner == null && caller.kind === 'KEY' && hasReservedAction(caller, 'keytide:manage')) {
    scans.push(scanOnce(Prisma.sql`"realmId" = ${caller.realmId}`));
  }
  return scans;
}

function realmCondition(realm: string | null | undefined): Prisma.Sql {
  return realm == null ? Prisma.sql`TRUE` : Prisma.sql`"realmId" = (SELECT id FROM "Realm" WHERE slug = ${realm})`;
}

function scanOnce(where: Prisma.Sql): IndexScan {
  return { over: Prisma.sql`(SELECT 1) AS once`, where };
}

function scanEach(name: 'key' | 'kind' | 'owner', values: readonly string[], where: Prisma.Sql): IndexScan {
  return { over: Prisma.sql`unnest(${values}::text[]) AS ${Prisma.raw(name)}`, where };
}

function scanEachOwner(owners: readonly string[]): IndexScan {
  return scanEach('owner', owners, Prisma.sql`"ownerId" = owner`);
}

function scanEachOwnerAndType(owners: readonly string[], types: readonly string[]): IndexScan {
  const { over } = scanEach('owner', owners, Prisma.empty);
  return {
    over: Prisma.sql`${over}, unnest(${types}::text[]) AS kind`,
    where: Prisma.sql`"ownerId" = owner AND type = kind`,
  };
}

function scanTransfersFromEach(owners: readonly string[]): IndexScan {
  return scanEach('owner', owners, Prisma.sql`type = 'KEY_TRANSFERRED' AND data -> 'from' = to_jsonb(owner)`);
}
