import { Prisma } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { transferredFromCondition, visibleEventsCondition } from './visible-events.ts';

/** A selection of events. All given conditions must match. */
export interface EventFilter {
  readonly types?: readonly string[] | null | undefined;
  /** A realm's slug. */
  readonly realm?: string | null | undefined;
  /** Id of the owner of the event's subject. Also matches the transfer of a key away from this owner. */
  readonly owner?: string | null | undefined;
  readonly keyIds?: readonly string[] | null | undefined;
  /** Id of the account, key, portal session or binding that made the change. */
  readonly actor?: string | null | undefined;
  /** Matches events of keys that have all of these labels at the time of the read. */
  readonly labels?: readonly LabelCondition[] | null | undefined;
}

interface LabelCondition {
  readonly name: string;
  readonly value: string;
}

/** A query of the event log: the events that match the filter and that the caller may see. */
export interface EventQuery {
  readonly caller: Caller;
  readonly filter: EventFilter;
}

/** Returns a query as a condition on the rows of "Event". */
export function eventQueryCondition({ caller, filter }: EventQuery): Prisma.Sql {
  const { types, realm, owner, keyIds, actor, labels } = filter;
  const conditions = [visibleEventsCondition(caller)];
  if (types != null) conditions.push(Prisma.sql`type = ANY(${types})`);
  if (owner != null) conditions.push(Prisma.sql`("ownerId" = ${owner} OR ${transferredFromCondition([owner])})`);
  if (keyIds != null) conditions.push(Prisma.sql`"keyId" = ANY(${keyIds})`);
  if (actor != null) conditions.push(Prisma.sql`"actorId" = ${actor}`);
  if (realm != null) conditions.push(Prisma.sql`"realmId" = (SELECT id FROM "Realm" WHERE slug = ${realm})`);
  if (labels != null && labels.length > 0) {
    conditions.push(Prisma.sql`EXISTS (SELECT 1 FROM "Key" WHERE id = "keyId" AND ${hasLabelsCondition(labels)})`);
  }
  return Prisma.join(conditions, ' AND ');
}

/** Returns the condition that a row of "Key" has all of these labels. */
export function hasLabelsCondition(labels: readonly LabelCondition[]): Prisma.Sql {
  const each = labels.map(
    ({ name, value }) =>
      Prisma.sql`EXISTS (SELECT 1 FROM "Label" WHERE "Label"."keyId" = "Key".id AND name = ${name} AND value = ${value})`,
  );
  return Prisma.join(each, ' AND ');
}
