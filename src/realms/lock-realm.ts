import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { lockRealms } from '../policies/lock-realms.ts';
import type { Transaction } from '../store/core.ts';

/** Locks the realm that an administrator wants to change. One that the caller may not see does not exist for it. */
export async function lockManagedRealm(
  { tx }: Change,
  caller: Caller,
  slug: string,
): Promise<Realm | Failure<'RealmNotFound'>> {
  const realm = await tx.realm.findUnique({ where: { slug } });
  if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) {
    return fail('RealmNotFound', 'There is no realm with this slug that you can see.', { path: ['input', 'realm'] });
  }
  return lockManagedRealmById(tx, caller, realm.id);
}

/** The same, of a realm whose id is known. */
export async function lockManagedRealmById(tx: Transaction, caller: Caller, realmId: string): Promise<Realm> {
  if (!may(caller, 'realm.manage', { realmId })) throw forbidden('Only administrators change realms.');
  return lockRealm(tx, realmId);
}

/**
 * Locks a realm. Keys that are being issued in it have committed by then; later ones wait. Not FOR UPDATE: whatever refers to
 * the realm would wait for this, a binding or a key that a change writes for the second time too.
 */
export async function lockRealm(tx: Transaction, realmId: string): Promise<Realm> {
  await lockRealms(tx, [realmId]);
  await tx.$queryRaw`SELECT 1 FROM "Realm" WHERE id = ${realmId} FOR NO KEY UPDATE`;
  return tx.realm.findUniqueOrThrow({ where: { id: realmId } });
}
