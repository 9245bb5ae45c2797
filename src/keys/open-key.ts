import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may, type Capability } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { recordPast } from './review.ts';
import { keyState, lockKey, targetOf, type StoredKey } from './stored-key.ts';

/** A key that this change has locked, as it is at the one instant that the whole change happens at. */
export type OpenKey = StoredKey & { readonly now: Date };

/**
 * Locks the key that a caller wants to change; left out, the calling key itself. A key that the caller may not see does
 * not exist for it.
 */
export async function openKey(
  change: Change,
  caller: Caller,
  keyId: string | null | undefined,
  capability: Capability,
): Promise<OpenKey | Failure> {
  const id = keyId ?? (caller.kind === 'KEY' ? caller.id : null);
  if (id === null) throw badUserInput('keyId: found nothing; only a key that calls for itself may leave it out.');
  const key = await lockKey(change.tx, id);
  if (key === null || !may(caller, 'key.read', targetOf(key))) {
    return fail('KeyNotFound', 'There is no key with this id that you can see.', { path: ['input', 'keyId'] });
  }
  if (!may(caller, capability, targetOf(key)))
    throw forbidden(`You may see this key, but not do that to it (${capability}).`);
  return bringUpToDate(change, key);
}

/**
 * Records first what time has made true of a locked key, so that every change starts from the present and is told of
 * after what came before it.
 */
export async function bringUpToDate(change: Change, key: StoredKey): Promise<OpenKey> {
  const now = change.now();
  if (key.reviewAt === null || key.reviewAt > now) return { ...key, now };
  await recordPast(change, [key.id], now);
  return { ...((await lockKey(change.tx, key.id)) ?? key), now };
}

/** Whether a key has expired or been revoked: nothing of it moves any more, until a revival. */
export function hasEnded(key: OpenKey): boolean {
  const state = keyState(key, key.now);
  return state === 'REVOKED' || state === 'EXPIRED';
}

/** What a key that does not work is answered with. */
export function notActive(key: StoredKey, now: Date): Failure {
  const state = keyState(key, now);
  return fail('KeyNotActive', `The key is ${state.toLowerCase()}.`, { details: { state } });
}
