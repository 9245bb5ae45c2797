import type { Realm } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { lockManagedRealm } from './lock-realm.ts';
import { startSweep } from '../policies/start-sweep.ts';
import { ceilingRows, checkRealmSettings, freezeRows, type RealmSettings } from './check-realm-settings.ts';

export interface UpdateRealmInput extends RealmSettings {
  /** The slug, which cannot change. */
  readonly realm: string;
}

/** Changes the settings of a realm. Existing keys keep what they were given; the settings apply to later requests. */
export const updateRealm = useCase<UpdateRealmInput, Realm, { readonly realmId: string }>({
  name: 'updateRealm',

  authorize: (change, caller, input) => lockManagedRealm(change, caller, input.realm),

  async run(change, caller, input, realm) {
    const { tx, record, now } = change;
    checkRealmSettings({
      ...input,
      shortestLifetimeMs: input.shortestLifetimeMs ?? Number(realm.shortestLifetimeMs),
      longestLifetimeMs: input.longestLifetimeMs ?? Number(realm.longestLifetimeMs),
    });
    const changed = Object.entries(publicNames).flatMap(([field, name]) =>
      input[field as keyof typeof publicNames] == null ? [] : [name],
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
        ...(input.longestShiftMs != null && { longestShiftMs: input.longestShiftMs }),
        ...(input.leakResponse != null && { leakResponse: input.leakResponse }),
        ...(input.freezes != null && { freezes: { deleteMany: {}, create: freezeRows(input.freezes) } }),
        ...(input.ceilings != null && { ceilings: { deleteMany: {}, create: ceilingRows(input.ceilings) } }),
      },
    });
    if (input.freezes != null || input.longestShiftMs != null) await startReview(change, realm.id);
    record({ type: 'REALM_UPDATED', at, realmId: realm.id, actor: actorOf(caller), data: { changed } });
    return { realmId: realm.id };
  },
});

/** Schedules a review of all keys, because a changed calendar shifts their stop moments. */
async function startReview(change: Change, realmId: string): Promise<void> {
  const { tx } = change;
  const binding = await tx.binding.findFirst({ where: { realmId, unboundAt: null }, orderBy: { id: 'asc' } });
  if (binding !== null) await tx.binding.update({ where: { id: binding.id }, data: await startSweep(change, realmId) });
}

/** The names of the settings in the API and in events. */
const publicNames = {
  name: 'name',
  foldsCase: 'foldsCase',
  minimumNoticeMs: 'minimumNotice',
  shortestLifetimeMs: 'shortestLifetime',
  longestLifetimeMs: 'longestLifetime',
  ceilings: 'ceilings',
  freezes: 'freezes',
  longestShiftMs: 'longestShift',
  leakResponse: 'leakResponse',
} satisfies Record<keyof RealmSettings, string>;
