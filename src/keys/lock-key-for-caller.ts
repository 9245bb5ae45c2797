import { isDeepStrictEqual } from 'node:util';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { keyActionCapabilities, type KeyAction } from '../domain/key-action.ts';
import { describeWhoMay, may } from '../domain/permission.ts';
import { explainInactiveKey } from '../domain/inactive-key.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import { hasCome } from '../domain/key.ts';
import type { SecretGeneration } from '../domain/rotation.ts';
import type { Change } from '../log/change.ts';
import { lockPortalSession } from './portal-session.ts';
import { recordElapsedTime } from './record-review.ts';
import { keyState, lifelineOf, keyTargetOf, type KeyRow, type OwnerColumns } from './key-row.ts';
import { lockKey } from './lock-key.ts';

/** A key that this change has locked. `now` is the one instant at which the whole change happens. */
export type LockedKey = KeyRow & { readonly now: Date };

type SecretRow = KeyRow['secrets'][number];

/** What of a key says who may do what with it in its state at `now`. */
export interface StatefulKey
  extends
    OwnerColumns,
    Pick<KeyRow, 'id' | 'realmId' | 'issuedById' | 'expiresAt' | 'expiryBasis' | 'expiredAt' | 'revokedAt'>,
    Pick<KeyRow, 'scopes' | 'tokenRuleId'> {
  readonly holds: readonly Pick<KeyRow['holds'][number], 'source' | 'sourceId' | 'operationId'>[];
  readonly secrets: readonly (SecretGeneration & Pick<SecretRow, 'createdAt' | 'rotatedAtOnceBy'>)[];
  readonly now: Date;
}

/**
 * Locks the key that a caller wants to change; without `keyId`, the calling key itself. Returns KeyNotFound if the
 * caller may not see the key.
 *
 * @throws FORBIDDEN if the caller may see the key but lacks the permission for the action.
 * @throws UNAUTHENTICATED if the calling portal session has ended since.
 */
export async function lockKeyForCaller(
  change: Change,
  caller: Caller,
  keyId: string | null | undefined,
  action: KeyAction,
): Promise<LockedKey | Failure<'KeyNotFound'>> {
  const id = keyId ?? (caller.kind === 'KEY' ? caller.id : null);
  if (id === null)
    throw badUserInput(
      'keyId: found nothing; expected the id of a key. Only a calling key may leave it out, for itself.',
    );
  if (caller.kind === 'PORTAL' && !change.isRehearsal) await lockPortalSession(change.tx, caller, change.now());
  const key = await lockKey(change.tx, id);
  if (key === null || !may(caller, 'key.read', keyTargetOf(key))) {
    return fail('KeyNotFound', 'There is no key with this id that you can see.', { path: ['input', 'keyId'] });
  }
  const capability = keyActionCapabilities[action];
  if (!may(caller, capability, keyTargetOf(key)))
    throw forbidden(
      `You may see this key, but you lack the permission ${capability} for it. Ask ${describeWhoMay(capability)}.`,
    );
  return bringUpToDate(change, key);
}

/**
 * Records the changes that time alone has caused in a locked key since its last review, so that a change starts from
 * the present state and its events come after the events of earlier moments.
 */
export async function bringUpToDate(change: Change, key: KeyRow): Promise<LockedKey> {
  const now = instantFor(change, key);
  if (change.isRehearsal || key.reviewAt === null || key.reviewAt > now) return { ...key, now };
  await recordElapsedTime(change, [key.id], now);
  await change.writeRows();
  return { ...((await lockKey(change.tx, key.id)) ?? key), now };
}

/**
 * Returns the instant of a change of a key: that of its rehearsal, for which policies were evaluated, unless the key has
 * changed since, or time alone has changed it; then the present one. A key that did not change in between can have been
 * changed at that instant.
 */
function instantFor(change: Change, key: KeyRow): Date {
  const name = `instant for ${key.id}`;
  const read = () => change.share(name, () => ({ key, at: change.now() }));
  const rehearsed = read();
  const present = change.now();
  const moments = [key.expiresAt, key.stopsAt, key.reviewAt, ...key.secrets.map(({ retiresAt }) => retiresAt)];
  const isPast = moments.some((moment) => !hasCome(moment, rehearsed.at) && hasCome(moment, present));
  if (isPast || !isDeepStrictEqual(rehearsed.key, key)) change.unshare(name);
  return read().at;
}

/** Returns whether a key has expired or been revoked. Until a revival such a key does not change. */
export function hasEnded(key: StatefulKey): boolean {
  const state = keyState(key, key.now);
  return state === 'REVOKED' || state === 'EXPIRED';
}

/** Returns the failure of a change that a key's state does not allow, with what this caller can do about the state. */
export function keyNotActive(caller: Caller, key: StatefulKey): Failure<'KeyNotActive'> {
  const target = keyTargetOf(key);
  const access = {
    mayManage: caller.kind === 'ACCOUNT' && may(caller, 'key.resume', target),
    mayLiftAll: may(caller, 'key.resumeAdministratorHold', target),
  };
  const facts = {
    ...lifelineOf(key),
    holdSources: key.holds.map(({ source }) => source),
    tokenRuleId: key.tokenRuleId,
  };
  const { found, remedy } = explainInactiveKey(facts, access, key.now);
  return fail('KeyNotActive', found, { details: { state: keyState(key, key.now) }, remedy });
}
