import type { Event } from '../../../prisma/generated/client/client.ts';
import type { EventFilter } from '../../log/event-query.ts';
import { findEventOwners } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { EventTypeEnum } from '../enums.ts';
import { LabelInputRef } from '../key/key-filter.ts';
import { showActor } from '../shown-actor.ts';

export const EventFilterRef = builder.inputType('EventFilter', {
  description: 'Which events to send. An event must match every field that is given.',
  fields: (t) => ({
    types: t.field({ type: [EventTypeEnum], description: 'Only events of these types.' }),
    realm: t.string({ description: 'Slug of a realm: only events of that realm.' }),
    owner: t.id({
      description:
        'Id of an account, organization or subject: only events about it and what it owns, and transfers of keys that it gave away.',
    }),
    keyIds: t.idList({ description: 'Only events about these keys.' }),
    actor: t.id({
      description:
        'Id of an account, key, portal session or binding: only events of changes that it made, as the actor of the event shows it to the caller.',
    }),
    labels: t.field({
      type: [LabelInputRef],
      description: 'Only events about keys that have all of these labels at the moment when the event is sent.',
    }),
  }),
});

/**
 * Returns a predicate for the events of a filter. It queries the database only for events that match all other fields.
 */
export function createEventMatcher(
  { db, caller }: Pick<Context, 'db' | 'caller'>,
  { types, realm, owner, keyIds, actor, labels }: EventFilter,
): (event: Event) => Promise<boolean> {
  /** Slugs of realms by id. A slug never changes, so it is cached without expiry. */
  const slugs = new Map<string, string | undefined>();
  const slugOf = async (id: string) => {
    if (!slugs.has(id)) slugs.set(id, (await db.realm.findUnique({ where: { id } }))?.slug);
    return slugs.get(id);
  };
  const hasLabels = async (keyId: string, wanted: readonly { name: string; value: string }[]) => {
    const AND = wanted.map(({ name, value }) => ({ labels: { some: { name, value } } }));
    return (await db.key.count({ where: { id: keyId, AND } })) === 1;
  };
  const wantedTypes = types == null ? null : new Set<string>(types);
  const wantedKeys = keyIds == null ? null : new Set<string | null>(keyIds);
  return async (event) => {
    const { type, realmId, keyId } = event;
    if (wantedTypes !== null && !wantedTypes.has(type)) return false;
    if (owner != null && !findEventOwners(event).includes(owner)) return false;
    if (wantedKeys !== null && !wantedKeys.has(keyId)) return false;
    // Whom the caller may not see as the actor of an event is not found by it either.
    if (actor != null && showActor(caller, actorOfEvent(event), keyId).id !== actor) return false;
    if (realm != null && (realmId === null || (await slugOf(realmId)) !== realm)) return false;
    if (labels == null || labels.length === 0) return true;
    return keyId !== null && (await hasLabels(keyId, labels));
  };
}

function actorOfEvent({ actorKind: kind, actorId: id, actorName: name }: Event) {
  return { kind, id, name };
}
