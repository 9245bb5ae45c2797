import type { Caller } from '../domain/caller.ts';
import { formatDuration } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { adviseRenewal, EXCHANGED_REASON, isTokenExchanged } from '../domain/renewal-advice.ts';
import { useCase } from '../log/use-case.ts';
import { combineVerdicts } from '../policies/combine-verdicts.ts';
import { parseStoredVerdicts } from '../policies/stored-verdicts.ts';
import { eventSubjectOf, lifelineOf } from './key-row.ts';
import { hasEnded, keyNotActive, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';

export interface AskRotationInput {
  readonly keyId: string;
  readonly reason: string;
  /** The grace period of the rotation if the program that rotates names none. Null: the default of rotations. */
  readonly gracePeriodMs: number | null;
}

/**
 * Asks that the secret of a key be replaced: the renewal information advises ROTATE, due now, until the secret is
 * replaced. Nothing stops, and no renewal is refused. Policies are not evaluated: the advice is derived from their stored
 * verdicts.
 */
export const askRotation = useCase<AskRotationInput, LockedKey, { readonly keyId: string }>()({
  name: 'askRotation',

  authorize: (change, caller: Caller, { keyId }) => lockKeyForCaller(change, caller, keyId, 'key.rotate'),

  async run(change, caller, { reason, gracePeriodMs }, key) {
    const { now } = key;
    if (hasEnded(key)) return keyNotActive(caller, key);
    if (isTokenExchanged(key)) return fail('RenewalNotAllowed', EXCHANGED_REASON, { details: { allowedAt: null } });
    const asked = {
      rotationAskedAt: now,
      rotationAskedGraceMs: gracePeriodMs === null ? null : BigInt(gracePeriodMs),
      rotationAnsweredAt: null,
    };
    const verdict = combineVerdicts(key.realm, parseStoredVerdicts(key.judgement));
    const { isAllowed, suggestedAt } = adviseRenewal(
      { ...key, ...lifelineOf(key), ...asked, isHeld: false },
      verdict,
      now,
    );
    const renewalDueAt = isAllowed ? suggestedAt : null;
    await change.tx.key.update({ where: { id: key.id }, data: { ...asked, renewalDueAt } });
    const data = { gracePeriod: gracePeriodMs === null ? null : formatDuration(gracePeriodMs) };
    change.record({
      type: 'KEY_ROTATION_ASKED',
      at: now,
      ...eventSubjectOf(key),
      actor: actorOf(caller),
      reason,
      data,
    });
    return { keyId: key.id };
  },
});
