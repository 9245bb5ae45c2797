import { Prisma } from '../../prisma/generated/client/client.ts';
import type { EventChoice } from './event-choice.ts';
import { ofRealms, visibleOwners } from './visible-events.ts';

/**
 * A way to events through one index, in order: for each row of `over` those that `where` says. A choice is read by all of
 * its ways, each for a page, so that the first page costs about as much wherever in the log it is.
 */
export interface Way {
  readonly over: Prisma.Sql;
  readonly where: Prisma.Sql;
}

/**
 * The ways that lead to all that a choice chooses, and maybe to more. `keyIds`: the only keys whose events are chosen, where
 * that is known.
 */
export function waysTo({ caller, filter }: EventChoice, keyIds: readonly string[] | null): readonly Way[] {
  const { types, realm, owner } = filter;
  if (keyIds !== null) return [each('key', keyIds, Prisma.sql`"keyId" = key`)];
  const owners = owner == null ? visibleOwners(caller) : [owner];
  if (owners === null)
    return [types == null ? once(inRealm(realm)) : each('kind', types, Prisma.sql`type = kind AND ${inRealm(realm)}`)];
  const ways = types == null ? [ofEach(owners)] : [ofEachAndType(owners, types)];
  if (types == null || types.includes('KEY_TRANSFERRED')) ways.push(givenAwayByEach(owners));
  if (owner == null) ways.push(once(ofRealms));
  if (owner == null && caller.kind === 'KEY') ways.push(once(Prisma.sql`"keyId" = ${caller.id}`));
  return ways;
}

function inRealm(realm: string | null | undefined): Prisma.Sql {
  return realm == null ? Prisma.sql`TRUE` : Prisma.sql`"realmId" = (SELECT id FROM "Realm" WHERE slug = ${realm})`;
}

function once(where: Prisma.Sql): Way {
  return { over: Prisma.sql`(SELECT 1) AS once`, where };
}

function each(name: 'key' | 'kind' | 'owner', values: readonly string[], where: Prisma.Sql): Way {
  return { over: Prisma.sql`unnest(${values}::text[]) AS ${Prisma.raw(name)}`, where };
}

function ofEach(owners: readonly string[]): Way {
  return each('owner', owners, Prisma.sql`"ownerId" = owner`);
}

function ofEachAndType(owners: readonly string[], types: readonly string[]): Way {
  const { over } = each('owner', owners, Prisma.empty);
  return {
    over: Prisma.sql`${over}, unnest(${types}::text[]) AS kind`,
    where: Prisma.sql`"ownerId" = owner AND type = kind`,
  };
}

function givenAwayByEach(owners: readonly string[]): Way {
  return each('owner', owners, Prisma.sql`type = 'KEY_TRANSFERRED' AND data -> 'from' = to_jsonb(owner)`);
}
