import type { Caller, KeyCaller } from '../domain/caller.ts';
import { hasCome } from '../domain/key.ts';
import { unauthenticated } from '../domain/request-error.ts';
import { messageOf, outcomeMessages } from '../domain/outcome-message.ts';
import { outcomeOf, type Outcome } from '../domain/verification.ts';
import type { Change } from '../log/change.ts';
import type { StatefulKey } from './lock-key-for-caller.ts';
import { lifelineOf, ownerIdOf, scopesOf, type KeyRow } from './key-row.ts';
import { lockKey } from './lock-key.ts';

/**
 * Returns whether a caller may do what is reserved for the key's newest secret: people may, and a key that manages this
 * key; the key itself only if it presented that secret. Checked again under the key's lock, because another change may have committed since the caller
 * was authenticated.
 *
 * @throws UNAUTHENTICATED if the presented secret has retired since.
 */
export function mayActAsNewest(caller: Caller, key: Pick<StatefulKey, 'id' | 'secrets' | 'now'>): boolean {
  if (caller.kind !== 'KEY' || caller.id !== key.id) return true;
  const presented = key.secrets.find((secret) => secret.id === caller.secretId);
  if (presented === undefined || hasCome(presented.retiresAt, key.now)) throw callerEnded('SECRET_RETIRED');
  return presented.retiresAt === null;
}

/**
 * Locks the calling key until this change has committed and returns it, and the caller with its current scopes and owner.
 * The current scopes, not those at its authentication, limit the scopes that the caller may give to other keys.
 *
 * @throws UNAUTHENTICATED if the key, or the secret that it presented, has ended since.
 */
export async function lockCaller(
  change: Change,
  caller: KeyCaller,
): Promise<{ readonly caller: KeyCaller; readonly key: KeyRow }> {
  const key = await lockKey(change.tx, caller.id);
  const presented = key?.secrets.find((secret) => secret.id === caller.secretId);
  if (!key || !presented) throw callerEnded('KEY_UNKNOWN');
  const facts = {
    ...lifelineOf(key),
    scopes: scopesOf(key),
    retiresAt: presented.retiresAt,
    notBefore: key.notBefore,
    // Checked when the caller was authenticated: a list that has changed since counts from the next request on.
    allowedAddresses: [],
    // Brownouts are for verifiers: at the gateway itself an enrolled key can be renewed.
    brownouts: [],
    foldsCase: key.realm.foldsCase,
    actions: new Set<string>(),
    realmSlug: key.realm.slug,
    holdSources: key.holds.map(({ source }) => source),
    tokenRuleId: key.tokenRuleId,
  };
  const now = change.now();
  const outcome = outcomeOf(facts, null, now);
  if (outcome !== 'VALID') throw callerEnded(outcome, messageOf(outcome, facts, null, now));
  return { caller: { ...caller, scopes: scopesOf(key), ownerId: ownerIdOf(key) }, key };
}

function callerEnded(outcome: Outcome, message = outcomeMessages[outcome]) {
  return unauthenticated(message, { outcome });
}
