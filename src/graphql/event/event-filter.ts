import type { Event } from '../../../prisma/generated/client/client.ts';
import type { EventFilter } from '../../log/event-query.ts';
import { findEventOwners } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { EventTypeEnum } from '../enums.ts';
import { LabelInputRef } from '../key/key-filter.ts';

export const EventFilterRef = builder.inputType('EventFilter', {
  description: 'All that is given has to hold.',
  fields: (t) => ({
    types: t.field({ type: [EventTypeEnum] }),
    realm: t.string({ description: 'Its slug.' }),
    owner: t.id({ description: 'Whose things they are of; a key that was given away, also who had it.' }),
    keyIds: t.idList(),
    labels: t.field({
      type: [LabelInputRef],
      description: 'Events of keys that have all of them when the event is sent.',
    }),
  }),
});

/** Tells which events a filter chooses. It asks the database only of events that the rest of the filter has let through. */
export function createEventMatcher(
  { db }: Pick<Context, 'db'>,
  { types, realm, owner, keyIds, labels }: EventFilter,
): (event: Event) => Promise<boolean> {
  /** The slugs of realms by id: a slug is for ever. */
  const slugs = new Map<string, string | undefined>();
  const slugOf = async (id: string) => {
    if (!slugs.has(id)) slugs.set(id, (await db.realm.findUnique({ where: { id } }))?.slug);
    return slugs.get(id);
  };
  const hasLabels = async (keyId: string, asked: readonly { name: string; value: string }[]) => {
    const AND = asked.map(({ name, value }) => ({ labels: { some: { name, value } } }));
    return (await db.key.count({ where: { id: keyId, AND } })) === 1;
  };
  const chosenTypes = types == null ? null : new Set<string>(types);
  const chosenKeys = keyIds == null ? null : new Set<string | null>(keyIds);
  return async (event) => {
    const { type, realmId, keyId } = event;
    if (chosenTypes !== null && !chosenTypes.has(type)) return false;
    if (owner != null && !findEventOwners(event).includes(owner)) return false;
    if (chosenKeys !== null && !chosenKeys.has(keyId)) return false;
    if (realm != null && (realmId === null || (await slugOf(realmId)) !== realm)) return false;
    if (labels == null || labels.length === 0) return true;
    return keyId !== null && (await hasLabels(keyId, labels));
  };
}
