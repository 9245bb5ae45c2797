import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may, type Capability } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { recordReview } from './review.ts';
import { keyState, lockKey, targetOf, type StoredKey } from './stored-key.ts';

/**
 * Locks the key that a caller wants to change; left out, the calling key itself. A key that the caller may not see does
 * not exist for it. What has become true of the key in the meantime is recorded first, so that every change starts from
 * the present.
 */
export async function openKey(
  change: Change,
  caller: Caller,
  keyId: string | null | undefined,
  capability: Capability,
): Promise<StoredKey | Failure> {
  const id = keyId ?? (caller.kind === 'KEY' ? caller.id : null);
  if (id === null) throw badUserInput('keyId: found nothing; only a key that calls for itself may leave it out.');
  const key = await lockKey(change.tx, id);
  if (key === null || !may(caller, 'key.read', targetOf(key))) {
    return fail('KeyNotFound', 'There is no key with this id that you can see.', { path: ['input', 'keyId'] });
  }
  if (!may(caller, capability, targetOf(key)))
    throw forbidden(`You may see this key, but not do that to it (${capability}).`);
  const now = change.now();
  if (key.reviewAt === null || key.reviewAt > now) return key;
  await recordReview(change, [key.id], now);
  return (await lockKey(change.tx, id)) ?? key;
}

/** What a key that does not work is answered with. */
export function notActive(key: StoredKey, now: Date): Failure {
  return fail('KeyNotActive', `The key is ${keyState(key, now).toLowerCase()}.`, {
    details: { state: keyState(key, now) },
  });
}
