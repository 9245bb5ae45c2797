import type { Caller, KeyCaller } from '../domain/caller.ts';
import { hasCome } from '../domain/key.ts';
import { unauthenticated } from '../domain/request-error.ts';
import { outcomeOf, outcomeMessages, type Outcome } from '../domain/verification.ts';
import type { Change } from '../log/change.ts';
import type { LockedKey } from './lock-key-for-caller.ts';
import { lifelineOf, lockKey, ownerIdOf, scopesOf } from './key-row.ts';

/**
 * Whether who acts on a key may do what only its newest secret may. People may; the key itself when that is the secret
 * that it showed. Looked at again under the lock: another change may have come first since the caller was proved.
 *
 * @throws UNAUTHENTICATED when the secret that was shown has retired since.
 */
export function mayActAsNewest(caller: Caller, key: LockedKey): boolean {
  if (caller.kind !== 'KEY') return true;
  const shown = key.secrets.find((secret) => secret.id === caller.secretId);
  if (shown === undefined || hasCome(shown.retiresAt, key.now)) throw callerEnded('SECRET_RETIRED');
  return shown.retiresAt === null;
}

/**
 * A calling key as it is now, kept from changing until this change has committed: what it gives to others is measured by
 * the scopes and the owner that it has, not by those that it had when it was proved.
 *
 * @throws UNAUTHENTICATED when it, or the secret that it showed, has ended since.
 */
export async function lockCaller(change: Change, caller: KeyCaller): Promise<KeyCaller> {
  const key = await lockKey(change.tx, caller.id);
  const shown = key?.secrets.find((secret) => secret.id === caller.secretId);
  if (!key || !shown) throw callerEnded('KEY_UNKNOWN');
  const facts = {
    ...lifelineOf(key),
    scopes: scopesOf(key),
    retiresAt: shown.retiresAt,
    foldsCase: key.realm.foldsCase,
  };
  const outcome = outcomeOf(facts, null, change.now());
  if (outcome !== 'VALID') throw callerEnded(outcome);
  return { ...caller, scopes: scopesOf(key), ownerId: ownerIdOf(key) };
}

function callerEnded(outcome: Outcome) {
  return unauthenticated(outcomeMessages[outcome], { outcome });
}
