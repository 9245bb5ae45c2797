import type { Realm, Subject } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import { ANY_SUBJECT, checkExternalId } from '../keys/subject-owner.ts';
import type { Change } from '../log/change.ts';

/** Which subject a request is about. */
export interface SubjectName {
  /** The realm's slug. */
  readonly realm: string;
  readonly externalId: string;
}

/**
 * Finds the realm whose subjects a caller wants to change. Returns RealmNotFound if the caller may not see the realm.
 *
 * @throws FORBIDDEN if the caller may see the realm, but may not change its subjects.
 */
export async function findManagedRealm(
  { tx }: Change,
  caller: Caller,
  slug: string,
): Promise<Realm | Failure<'RealmNotFound'>> {
  const realm = await tx.realm.findUnique({ where: { slug } });
  if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) {
    return fail('RealmNotFound', 'No realm that you can see has this slug.', { path: ['input', 'realm'] });
  }
  if (may(caller, 'subject.manage', { realmId: realm.id, ownerId: ANY_SUBJECT })) return realm;
  throw forbidden('Only administrators, and keys with the scope keytide:manage, may act for subjects.');
}

/** Finds and locks a subject that the caller may manage. No key is issued for it until the change has committed. */
export async function lockSubject(
  change: Change,
  caller: Caller,
  name: SubjectName,
): Promise<Subject | Failure<'RealmNotFound' | 'SubjectNotFound'>> {
  const found = await lockSubjectIfAny(change, caller, name);
  return isFailure(found) ? found : (found.subject ?? subjectNotFound());
}

/** Finds and locks a subject that the caller may manage; null: the realm has none with this external id. */
export async function lockSubjectIfAny(
  change: Change,
  caller: Caller,
  { realm: slug, externalId }: SubjectName,
): Promise<{ readonly subject: Subject | null } | Failure<'RealmNotFound'>> {
  checkExternalId(externalId);
  const realm = await findManagedRealm(change, caller, slug);
  if (isFailure(realm)) return realm;
  const { tx } = change;
  await tx.$queryRaw`
    SELECT 1 FROM "Subject" WHERE "realmId" = ${realm.id} AND "externalId" = ${externalId} FOR NO KEY UPDATE`;
  const where = { realmId_externalId: { realmId: realm.id, externalId } };
  return { subject: await tx.subject.findUnique({ where }) };
}

export function subjectNotFound(): Failure<'SubjectNotFound'> {
  return fail('SubjectNotFound', 'The realm has no subject with this external id.', { path: ['input', 'externalId'] });
}
