import type { Realm } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { useCase } from '../log/use-case.ts';
import { openRealm } from './open-realm.ts';
import { ceilingRows, checkSettings, type RealmSettings } from './check-settings.ts';

export interface UpdateRealmInput extends RealmSettings {
  /** Its slug, which stays. */
  readonly realm: string;
}

/** Changes what a realm is set to. Keys that are there keep what they were given; what is asked from now on is under it. */
export const updateRealm = useCase<UpdateRealmInput, Realm, { readonly realmId: string }>({
  name: 'updateRealm',

  authorize: (change, caller, input) => openRealm(change, caller, input.realm),

  async run({ tx, tell, now }, caller, input, realm) {
    checkSettings({
      ...input,
      shortestLifetimeMs: input.shortestLifetimeMs ?? Number(realm.shortestLifetimeMs),
      longestLifetimeMs: input.longestLifetimeMs ?? Number(realm.longestLifetimeMs),
    });
    const changed = Object.entries(namedFields).flatMap(([field, name]) =>
      input[field as keyof typeof namedFields] == null ? [] : [name],
    );
    if (changed.length === 0) return { realmId: realm.id };
    const at = now();
    await tx.realm.update({
      where: { id: realm.id },
      data: {
        ...(input.name != null && { name: input.name }),
        ...(input.foldsCase != null && { foldsCase: input.foldsCase }),
        ...(input.minimumNoticeMs != null && { minimumNoticeMs: input.minimumNoticeMs }),
        ...(input.shortestLifetimeMs != null && { shortestLifetimeMs: input.shortestLifetimeMs }),
        ...(input.longestLifetimeMs != null && { longestLifetimeMs: input.longestLifetimeMs }),
        ...(input.ceilings != null && { ceilings: { deleteMany: {}, create: ceilingRows(input.ceilings) } }),
      },
    });
    tell({ type: 'REALM_UPDATED', at, realmId: realm.id, actor: actorOf(caller), data: { changed } });
    return { realmId: realm.id };
  },
});

/** What callers call the settings that an event tells of. */
const namedFields = {
  name: 'name',
  foldsCase: 'foldsCase',
  minimumNoticeMs: 'minimumNotice',
  shortestLifetimeMs: 'shortestLifetime',
  longestLifetimeMs: 'longestLifetime',
  ceilings: 'ceilings',
} satisfies Record<keyof RealmSettings, string>;
