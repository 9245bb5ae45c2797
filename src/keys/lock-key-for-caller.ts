import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may, type Capability } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { recordElapsedTime } from './record-review.ts';
import { keyState, lockKey, keyTargetOf, type KeyRow } from './key-row.ts';

/** A key that this change has locked, as it is at the one instant that the whole change happens at. */
export type LockedKey = KeyRow & { readonly now: Date };

/**
 * Locks the key that a caller wants to change; left out, the calling key itself. A key that the caller may not see does
 * not exist for it.
 */
export async function lockKeyForCaller(
  change: Change,
  caller: Caller,
  keyId: string | null | undefined,
  capability: Capability,
): Promise<LockedKey | Failure> {
  const id = keyId ?? (caller.kind === 'KEY' ? caller.id : null);
  if (id === null) throw badUserInput('keyId: found nothing; only a key that calls for itself may leave it out.');
  const key = await lockKey(change.tx, id);
  if (key === null || !may(caller, 'key.read', keyTargetOf(key))) {
    return fail('KeyNotFound', 'There is no key with this id that you can see.', { path: ['input', 'keyId'] });
  }
  if (!may(caller, capability, keyTargetOf(key)))
    throw forbidden(`You may see this key, but not do that to it (${capability}).`);
  return bringUpToDate(change, key);
}

/**
 * Records first what time has made true of a locked key, so that every change starts from the present and is told of
 * after what came before it.
 */
export async function bringUpToDate(change: Change, key: KeyRow): Promise<LockedKey> {
  const now = change.now();
  if (key.reviewAt === null || key.reviewAt > now) return { ...key, now };
  await recordElapsedTime(change, [key.id], now);
  return { ...((await lockKey(change.tx, key.id)) ?? key), now };
}

/** Whether a key has expired or been revoked: nothing of it moves any more, until a revival. */
export function hasEnded(key: LockedKey): boolean {
  const state = keyState(key, key.now);
  return state === 'REVOKED' || state === 'EXPIRED';
}

/** What a key that does not work is answered with. */
export function keyNotActive(key: KeyRow, now: Date): Failure {
  const state = keyState(key, now);
  return fail('KeyNotActive', `The key is ${state.toLowerCase()}.`, { details: { state } });
}
