import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';

/** Locks the realm that an administrator wants to change. One that the caller may not see does not exist for it. */
export async function openRealm(
  { tx }: Change,
  caller: Caller,
  slug: string,
): Promise<Realm | Failure<'RealmNotFound'>> {
  const realm = await tx.realm.findUnique({ where: { slug } });
  if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) {
    return fail('RealmNotFound', 'There is no realm with this slug that you can see.', { path: ['input', 'realm'] });
  }
  return lockRealm(tx, caller, realm.id);
}

/** Locks a realm for an administrator. Keys that are being issued in it have committed by then; later ones wait. */
export async function lockRealm(tx: Change['tx'], caller: Caller, realmId: string): Promise<Realm> {
  if (!may(caller, 'realm.manage', { realmId })) throw forbidden('Only administrators change realms.');
  await tx.$queryRaw`SELECT 1 FROM "Realm" WHERE id = ${realmId} FOR UPDATE`;
  return tx.realm.findUniqueOrThrow({ where: { id: realmId } });
}
