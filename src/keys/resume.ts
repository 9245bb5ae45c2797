import { isFailure } from '../domain/failure.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { hasEnded, keyNotActive, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import type { PolicyCore } from './apply-policies.ts';
import { checkResumption, mayLift, refuseHolds } from './action-checks.ts';
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
    return lockKeyForCaller(change, caller, input.keyId, 'RESUME');
  },

  async run(change, caller, input, key) {
    const checked = checkResumption(caller, key);
    if (isFailure(checked)) return checked;
    await liftHolds(change, caller, key, { lifted: checked.lifted, reason: input.reason ?? null });
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

  authorize: (change, caller, { keyId }) => lockKeyForCaller(change, caller, keyId, 'RESUME'),

  async run(change, caller, { operationId, reason }, key) {
    const lifted = key.holds.filter((hold) => hold.operationId === operationId);
    if (lifted.length === 0) return { keyId: key.id };
    if (hasEnded(key)) return keyNotActive(caller, key);
    if (!lifted.every(({ source }) => mayLift(caller, keyTargetOf(key), source))) return refuseHolds(key, false);
    await liftHolds(change, caller, key, { lifted, reason: reason ?? null });
    return { keyId: key.id };
  },
});
