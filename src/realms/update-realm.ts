import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { ceilingRows, checkSettings, type RealmSettings } from './create-realm.ts';

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
    const at = now();
    await tx.realm.update({
      where: { id: realm.id },
      data: {
        ...(input.name != null && { name: input.name }),
        ...(input.foldsCase != null && { foldsCase: input.foldsCase }),
        ...(input.minimumNoticeMs != null && { minimumNoticeMs: BigInt(input.minimumNoticeMs) }),
        ...(input.shortestLifetimeMs != null && { shortestLifetimeMs: BigInt(input.shortestLifetimeMs) }),
        ...(input.longestLifetimeMs != null && { longestLifetimeMs: BigInt(input.longestLifetimeMs) }),
        ...(input.ceilings != null && { ceilings: { deleteMany: {}, create: ceilingRows(input.ceilings) } }),
      },
    });
    const changed = Object.entries(input).flatMap(([name, value]) => (value == null || name === 'realm' ? [] : [name]));
    tell({ type: 'REALM_UPDATED', at, realmId: realm.id, actor: actorOf(caller), data: { changed } });
    return { realmId: realm.id };
  },
});

/** Locks the realm that an administrator wants to change. */
export async function openRealm(
  { tx }: Change,
  caller: Caller,
  slug: string,
): Promise<Realm | Failure<'RealmNotFound'>> {
  await tx.$queryRaw`SELECT 1 FROM "Realm" WHERE slug = ${slug} FOR UPDATE`;
  const realm = await tx.realm.findUnique({ where: { slug } });
  if (realm === null) return fail('RealmNotFound', 'There is no realm with this slug.', { path: ['input', 'realm'] });
  if (!may(caller, 'realm.manage', { realmId: realm.id })) throw forbidden('Only administrators change realms.');
  return realm;
}
