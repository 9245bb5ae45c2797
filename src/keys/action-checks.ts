import { callerName, type Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { mayWorkAgain } from '../domain/life.ts';
import { may, relationsOf, type Target } from '../domain/permission.ts';
import { isTokenExchanged } from '../domain/renewal-advice.ts';
import { forbidden } from '../domain/request-error.ts';
import { atOnceRotationSettlesAt, findCurrentSecret, type Rotation } from '../domain/rotation.ts';
import { isReserved } from '../domain/scope.ts';
import { keyState, keyTargetOf, lifelineOf, rotationOf, scopesOf } from './key-row.ts';
import { hasEnded, keyNotActive, type StatefulKey } from './lock-key-for-caller.ts';
import { mayActAsNewest } from './recheck-caller.ts';

// Whether a key's state lets a caller do something with it, apart from the permission. The use cases refuse by these
// functions, and `listPossibleActions` lists by them what a caller can do.

/** Returns the failure if a key's state, its origin or the caller's secret does not let it be renewed. */
export function checkRenewal(caller: Caller, key: StatefulKey): Failure<'KeyNotActive' | 'RenewalNotAllowed'> | null {
  const { now } = key;
  const state = keyState(key, now);
  const mayRevive =
    state === 'EXPIRED' &&
    mayWorkAgain(lifelineOf(key), now) &&
    caller.kind === 'ACCOUNT' &&
    may(caller, 'key.renewExpired', keyTargetOf(key));
  if (state !== 'ACTIVE' && !mayRevive) return keyNotActive(caller, key);
  if (!mayActAsNewest(caller, key)) {
    return fail('RenewalNotAllowed', 'Only the current secret may renew its key; this secret is retiring.', {
      details: { allowedAt: null },
      remedy: 'Send the current secret.',
    });
  }
  if (!isTokenExchanged(key)) return null;
  const found = 'The key was issued in exchange for a token and cannot be renewed.';
  return fail('RenewalNotAllowed', found, { details: { allowedAt: null }, remedy: 'Exchange another token.' });
}

/** Returns the failure if a key's state does not let it be rotated with a grace period. */
export function checkRotation(
  caller: Caller,
  key: StatefulKey,
  gracePeriodMs: number | null | undefined,
): Failure<'KeyNotActive'> | null {
  const state = keyState(key, key.now);
  const mayRotate = state === 'ACTIVE' || (state === 'HELD' && caller.kind === 'ACCOUNT' && gracePeriodMs === 0);
  return mayRotate ? null : keyNotActive(caller, key);
}

/**
 * Returns the failure if a key cannot get another secret now: a rotation is pending, or another caller has just made one.
 *
 * @throws FORBIDDEN for a key with a reserved scope, if the caller manages it for a subject: the new secret would give the
 * caller what only administrators give.
 */
export function checkNewSecret(caller: Caller, key: StatefulKey): Failure<'RotationPending'> | null {
  // A renewal rotates too: a page needs no PORTAL_ROTATE for it.
  if (caller.kind === 'PORTAL' || relationsOf(caller, keyTargetOf(key)).has('MANAGING_KEY')) refuseReserved(key);
  const isNewest = mayActAsNewest(caller, key);
  const pending = rotationOf(key, key.now);
  if (!isNewest || pending !== null) {
    const until = pending?.retiring.retiresAt ?? null;
    const wait = until === null ? '' : `, or wait until ${until.toISOString()}`;
    const found = isNewest
      ? 'A rotation of the key is pending.'
      : 'The key was rotated, and this secret is the old one.';
    const remedy = isNewest ? `Confirm or undo it${wait}.` : `Use the new secret${wait}.`;
    return fail('RotationPending', found, { details: { previousRetiresAt: until }, remedy });
  }
  // The person who rotates a held key shuts all others out, and need not wait.
  const settlesAt =
    keyState(key, key.now) === 'HELD'
      ? null
      : atOnceRotationSettlesAt(findCurrentSecret(key.secrets), callerName(caller), key.now);
  if (settlesAt === null) return null;
  const found = `Another caller has just rotated the key without a grace period. Its new secret settles until ${settlesAt.toISOString()}.`;
  const remedy = 'Retry then, if the key must still be rotated.';
  return fail('RotationPending', found, { details: { previousRetiresAt: settlesAt }, remedy });
}

function refuseReserved(key: StatefulKey): void {
  if (!scopesOf(key).some(({ action }) => isReserved(action))) return;
  throw forbidden('Only the key itself and administrators may replace the secret of a key with a reserved scope.');
}

type PendingRotation<Key extends StatefulKey> = Rotation<Key['secrets'][number]>;

/** Returns the pending rotation that a caller may confirm, or the failure. @throws FORBIDDEN for the retiring secret */
export function checkConfirmation<Key extends StatefulKey>(
  caller: Caller,
  key: Key,
): PendingRotation<Key> | Failure<'KeyNotActive' | 'RotationNotPending'> {
  if (hasEnded(key)) return keyNotActive(caller, key);
  const isNewest = mayActAsNewest(caller, key);
  const pending = rotationOf<Key['secrets'][number]>(key, key.now);
  if (pending === null) return rotationNotPending('No action is needed.');
  if (isNewest) return pending;
  throw forbidden(
    'Only the current secret, or a manager of the key, may confirm the rotation; this secret is retiring.',
  );
}

/**
 * Returns the pending rotation that a caller may undo, or the failure.
 *
 * @throws FORBIDDEN for the retiring secret after the new one has been used.
 */
export function checkUndo<Key extends StatefulKey>(
  caller: Caller,
  key: Key,
): PendingRotation<Key> | Failure<'KeyNotActive' | 'RotationNotPending'> {
  if (hasEnded(key)) return keyNotActive(caller, key);
  const isNewest = mayActAsNewest(caller, key);
  const pending = rotationOf<Key['secrets'][number]>(key, key.now);
  if (pending === null) return rotationNotPending('To replace the current secret, rotate the key.');
  if (pending.current.firstUsedAt === null || isNewest) return pending;
  throw forbidden('The new secret has been used: only that secret, or a manager of the key, may undo the rotation.');
}

function rotationNotPending(remedy: string): Failure<'RotationNotPending'> {
  return fail('RotationNotPending', 'The key has no pending rotation: only one secret works.', { remedy });
}

/** Returns the failure if a key has ended, so that it is neither updated nor held. */
export function checkNotEnded(caller: Caller, key: StatefulKey): Failure<'KeyNotActive'> | null {
  return hasEnded(key) ? keyNotActive(caller, key) : null;
}

/** Returns the failure if a key has ended for good, so that it is not transferred. */
export function checkTransfer(caller: Caller, key: StatefulKey): Failure<'KeyNotActive'> | null {
  return keyState(key, key.now) === 'REVOKED' ? keyNotActive(caller, key) : null;
}

/**
 * Returns the source of a hold that a caller places: MANAGER for a key that manages subjects, ADMINISTRATOR if the
 * caller is an administrator and neither the key's owner nor a manager of it, else OWNER.
 */
export function holdSourceOf(caller: Caller, key: StatefulKey): 'OWNER' | 'ADMINISTRATOR' | 'MANAGER' {
  const relations = relationsOf(caller, keyTargetOf(key));
  if (relations.has('MANAGING_KEY')) return 'MANAGER';
  const isForOwner =
    relations.has('OWNER') || relations.has('ORGANIZATION_OWNER') || relations.has('ORGANIZATION_ADMIN');
  return relations.has('ADMINISTRATOR') && !isForOwner ? 'ADMINISTRATOR' : 'OWNER';
}

/** Whether a key has a hold of this caller's source already, so that another one changes nothing. */
export function isHeldBySource(caller: Caller, key: StatefulKey, operationId: string | null): boolean {
  const source = holdSourceOf(caller, key);
  // The hold of a disabled subject does not count: it is lifted with the subject.
  return key.holds.some(
    (hold) => hold.source === source && hold.operationId === operationId && hold.sourceId !== key.subjectId,
  );
}

/** Returns the holds of a key that a caller may lift, at least one, or the failure. */
export function checkResumption<Key extends StatefulKey>(
  caller: Caller,
  key: Key,
): { readonly lifted: Key['holds'] } | Failure<'KeyNotActive' | 'KeyNotHeld' | 'HoldNotYours'> {
  if (hasEnded(key)) return keyNotActive(caller, key);
  if (key.holds.length === 0) return fail('KeyNotHeld', 'The key is not held.');
  // The hold of a disabled subject is lifted with the subject.
  const liftable = key.holds.filter(({ sourceId }) => sourceId !== key.subjectId);
  const lifted = liftable.filter(({ source }) => mayLift(caller, keyTargetOf(key), source));
  return lifted.length === 0 ? refuseHolds(key, liftable.length === 0) : { lifted };
}

/** Whether a caller may lift a hold of a source. */
export function mayLift(caller: Caller, target: Target, source: string): boolean {
  if (source === 'ADMINISTRATOR') return may(caller, 'key.resumeAdministratorHold', target);
  if (source === 'MANAGER') return may(caller, 'key.resumeManagerHold', target);
  return caller.kind !== 'KEY';
}

/** Returns the failure for holds that a caller may not lift. */
export function refuseHolds(key: StatefulKey, isSubjectDisabled: boolean): Failure<'HoldNotYours'> {
  if (isSubjectDisabled) {
    const found = 'The key is held because its subject is disabled.';
    return fail('HoldNotYours', found, { remedy: 'Enable the subject with disableSubject(disabled: false).' });
  }
  const isManagers = key.holds.every(({ source }) => source === 'MANAGER');
  const who = isManagers ? 'the API that manages it' : 'an administrator';
  return fail('HoldNotYours', `The key is held by ${who}.`, isManagers ? { remedy: 'Ask the API to resume it.' } : {});
}

/**
 * Whether a revocation would change a key. One that is already revoked keeps its first reason.
 *
 * @throws UNAUTHENTICATED if the caller is the key by a secret that has retired since.
 */
export function isRevocable(caller: Caller, key: StatefulKey): boolean {
  mayActAsNewest(caller, key);
  return key.revokedAt === null;
}
