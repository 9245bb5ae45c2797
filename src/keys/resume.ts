import { fail } from '../domain/failure.ts';
import type { Caller } from '../domain/caller.ts';
import { may, type Target } from '../domain/permission.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { hasEnded, keyNotActive, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import type { PolicyCore } from './apply-policies.ts';
import { keyTargetOf } from './key-row.ts';
import { liftHolds } from './lift-holds.ts';

export interface ResumeKeyInput {
  readonly keyId: string;
  readonly reason?: string | null;
}

/**
 * Lifts the holds that the caller may lift. Only an administrator lifts a hold that an administrator placed. A key that
 * manages subjects lifts only the holds of such keys.
 */
export const resumeKey = useCase<ResumeKeyInput, LockedKey, { readonly keyId: string }, PolicyCore>()({
  name: 'resumeKey',
  rehearse: rehearsePolicies,

  async authorize(change, caller, input) {
    if (input.reason != null) checkText('reason', input.reason, LONGEST_REASON);
    return lockKeyForCaller(change, caller, input.keyId, 'key.resume');
  },

  async run(change, caller, input, key) {
    if (hasEnded(key)) return keyNotActive(caller, key);
    if (key.holds.length === 0) return fail('KeyNotHeld', 'The key is not held.');
    // The hold of a disabled subject is lifted with the subject.
    const liftable = key.holds.filter(({ sourceId }) => sourceId !== key.subjectId);
    const lifted = liftable.filter(({ source }) => mayLift(caller, keyTargetOf(key), source));
    if (lifted.length === 0) return refuseHolds(key, liftable.length === 0);

    await liftHolds(change, caller, key, { lifted, reason: input.reason ?? null });
    return { keyId: key.id };
  },
});

/**
 * Lifts the holds that one operation placed on a key. All other holds stay. A key without such a hold does not change.
 */
export const liftOperationHolds = useCase<
  ResumeKeyInput & { readonly operationId: string },
  LockedKey,
  { readonly keyId: string },
  PolicyCore
>()({
  name: 'undoOperation',
  rehearse: rehearsePolicies,

  authorize: (change, caller, { keyId }) => lockKeyForCaller(change, caller, keyId, 'key.resume'),

  async run(change, caller, { operationId, reason }, key) {
    const lifted = key.holds.filter((hold) => hold.operationId === operationId);
    if (lifted.length === 0) return { keyId: key.id };
    if (hasEnded(key)) return keyNotActive(caller, key);
    if (!lifted.every(({ source }) => mayLift(caller, keyTargetOf(key), source))) return refuseHolds(key, false);
    await liftHolds(change, caller, key, { lifted, reason: reason ?? null });
    return { keyId: key.id };
  },
});

function mayLift(caller: Caller, target: Target, source: string): boolean {
  if (source === 'ADMINISTRATOR') return may(caller, 'key.resumeAdministratorHold', target);
  if (source === 'MANAGER') return may(caller, 'key.resumeManagerHold', target);
  return caller.kind !== 'KEY';
}

function refuseHolds(key: LockedKey, isSubjectDisabled: boolean) {
  if (isSubjectDisabled) {
    const found = 'The key is held because its subject is disabled.';
    return fail('HoldNotYours', found, { remedy: 'Enable the subject with disableSubject(disabled: false).' });
  }
  const isManagers = key.holds.every(({ source }) => source === 'MANAGER');
  const who = isManagers ? 'the API that manages it' : 'an administrator';
  return fail('HoldNotYours', `The key is held by ${who}.`, isManagers ? { remedy: 'Ask the API to resume it.' } : {});
}
