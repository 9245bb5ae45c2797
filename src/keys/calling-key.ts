import type { Caller, KeyCaller } from '../domain/caller.ts';
import { hasCome } from '../domain/key.ts';
import { unauthenticated } from '../domain/request-error.ts';
import { judge, outcomeMessages, type Outcome } from '../domain/verification.ts';
import type { Change } from '../log/change.ts';
import type { OpenKey } from './open-key.ts';
import { lifelineOf, lockKey, ownerIdOf, scopesOf } from './stored-key.ts';

/**
 * Whether who acts on a key may do what only its newest secret may. People may; the key itself when that is the secret
 * that it showed. Looked at again under the lock: another change may have come first since the caller was proved.
 *
 * @throws UNAUTHENTICATED when the secret that was shown has retired since.
 */
export function speaksAsNewest(caller: Caller, key: OpenKey): boolean {
  if (caller.kind !== 'KEY') return true;
  const shown = key.secrets.find((secret) => secret.id === caller.secretId);
  if (shown === undefined || hasCome(shown.retiresAt, key.now)) throw noLonger('SECRET_RETIRED');
  return shown.retiresAt === null;
}

/**
 * A calling key as it is now, kept from changing until this change has committed: what it gives to others is measured by
 * the scopes and the owner that it has, not by those that it had when it was proved.
 *
 * @throws UNAUTHENTICATED when it, or the secret that it showed, has ended since.
 */
export async function holdCaller(change: Change, caller: KeyCaller): Promise<KeyCaller> {
  const key = await lockKey(change.tx, caller.id);
  const shown = key?.secrets.find((secret) => secret.id === caller.secretId);
  if (!key || !shown) throw noLonger('KEY_UNKNOWN');
  const facts = {
    ...lifelineOf(key),
    scopes: scopesOf(key),
    retiresAt: shown.retiresAt,
    foldsCase: key.realm.foldsCase,
  };
  const outcome = judge(facts, null, change.now());
  if (outcome !== 'VALID') throw noLonger(outcome);
  return { ...caller, scopes: scopesOf(key), ownerId: ownerIdOf(key) };
}

function noLonger(outcome: Outcome) {
  return unauthenticated(outcomeMessages[outcome], { outcome });
}
