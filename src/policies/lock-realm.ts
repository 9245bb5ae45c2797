import { Prisma, type Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import type { Transaction } from '../store/core.ts';
import { listColumns } from '../store/json-rows.ts';
import { loadSteady } from '../store/load-once.ts';
import { listUnshared, noteShared, tryLocks, tryShareOwners } from './lock-owners.ts';

/**
 * Locks and returns a realm that the caller may manage. Returns RealmNotFound if the caller may not see it, and throws
 * FORBIDDEN if the caller may only see it.
 */
export async function lockManagedRealm(
  { tx }: Change,
  caller: Caller,
  slug: string,
): Promise<Realm | Failure<'RealmNotFound'>> {
  const realm = await tx.realm.findUnique({ where: { slug } });
  if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) {
    return fail('RealmNotFound', 'No realm that you can see has this slug.', { path: ['input', 'realm'] });
  }
  return lockManagedRealmById(tx, caller, realm.id);
}

/** Locks and returns a realm by id. Throws FORBIDDEN if the caller may not manage it. */
export async function lockManagedRealmById(tx: Transaction, caller: Caller, realmId: string): Promise<Realm> {
  if (!may(caller, 'realm.manage', { realmId })) throw forbidden('Only administrators can change realms.');
  return lockRealm(tx, realmId);
}

/**
 * Locks and returns a realm. Waits until no key of the realm is being issued, and makes later issues wait. The lock is
 * FOR NO KEY UPDATE: FOR UPDATE would also block every write that only checks a foreign key to the realm.
 */
export async function lockRealm(tx: Transaction, realmId: string): Promise<Realm> {
  await lockRealms(tx, [realmId]);
  await tx.$queryRaw`SELECT 1 FROM "Realm" WHERE id = ${realmId} FOR NO KEY UPDATE`;
  return tx.realm.findUniqueOrThrow({ where: { id: realmId } });
}

/**
 * Makes changes of a realm wait until the transaction ends, or waits for one, and returns the realm; null: there is none.
 * Either a change of the realm's bindings waits for a key that is issued and then sweeps it too, or the issue waits for the
 * change. Callers of this function do not wait for each other. A rehearsal may get a realm as it was a moment ago. Also
 * shares the owners for whom keys will be issued (`tryShareOwners`), in the same statement if it can.
 */
export async function shareRealm(
  change: Change,
  where: { readonly id: string } | { readonly slug: string },
  ownerIds: readonly string[] = [],
): Promise<Realm | null> {
  const { tx, isRehearsal } = change;
  const [name = '', value = ''] = Object.entries(where)[0] ?? [];
  const realm = await loadSteady(tx, `realm ${name} ${value}`, async () => {
    if (isRehearsal) return tx.realm.findUnique({ where });
    const ids = listUnshared(tx, ownerIds);
    const [row] = await tx.$queryRaw<(Realm & { isShared: boolean })[]>`
      SELECT ${listColumns('r', Prisma.RealmScalarFieldEnum)}, ${tryLocks(ids)} AS "isShared" FROM "Realm" r
      WHERE ${Prisma.raw(`"${name}"`)} = ${value} FOR SHARE`;
    if (row === undefined) return null;
    const { isShared, ...loaded } = row;
    if (isShared) noteShared(tx, ids);
    return loaded;
  });
  if (realm !== null) await tryShareOwners(change, ownerIds);
  return realm;
}

/**
 * Serializes changes of bindings, their faults and their brakes in a realm, over all nodes, until the transaction ends. Lock order,
 * to avoid deadlocks: keys first, then this lock, then the realm's row and its bindings.
 */
export async function lockRealms(tx: Transaction, realmIds: Iterable<string>): Promise<void> {
  for (const realmId of [...new Set(realmIds)].toSorted()) {
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`policies of ${realmId}`}, 0))::text`;
  }
}
