import { isFailure } from '../domain/failure.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { checkRotation } from './action-checks.ts';
import { refreshRenewalAdvice, type PolicyCore } from './apply-policies.ts';
import { lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { prepareRotation, startRotation, withNewSecret, type RotationInput } from './start-rotation.ts';

export interface RotateKeyInput extends RotationInput {
  readonly keyId?: string | null;
}

export type KeyRotation = { readonly keyId: string; readonly delivery: Delivery; readonly previousRetiresAt: Date };

/**
 * Replaces a key's secret. The old secret works to the end of the grace period (law 5). A held key can be rotated only
 * by a signed-in person and only with a grace period of 0: it stays held, and resuming it does not revive the old
 * secret.
 */
export const rotateKey = useCase<RotateKeyInput, LockedKey, KeyRotation, PolicyCore>()({
  name: 'rotateKey',
  rehearse: rehearsePolicies,

  authorize: (change, caller, input) => lockKeyForCaller(change, caller, input.keyId, 'ROTATE'),

  async run(change, caller, input, key) {
    const refused = checkRotation(caller, key, input.gracePeriodMs);
    if (refused !== null) return refused;
    const prepared = await prepareRotation(change, caller, key, input);
    if (isFailure(prepared)) return prepared;
    const advice = await refreshRenewalAdvice(change, withNewSecret(key), key.now);
    change.rows.update('Key', { id: key.id, ...advice });
    return { keyId: key.id, ...startRotation(change, caller, { ...key, ...advice }, prepared) };
  },
});
