import type { Caller } from '../domain/caller.ts';
import { isFailure } from '../domain/failure.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { adviseAnew, type JudgingCore } from './judge-key.ts';
import { notActive, openKey, type OpenKey } from './open-key.ts';
import { prepareRotation, startRotation, withNewSecret, type RotationInput } from './start-rotation.ts';
import { keyState } from './stored-key.ts';

export interface RotateKeyInput extends RotationInput {
  readonly keyId?: string | null;
}

export type KeyRotated = { readonly keyId: string; readonly delivery: Delivery; readonly previousRetiresAt: Date };

/**
 * Replaces a key's secret; the old one stays good through the grace period (law 5). Of a held key people may, without one:
 * it stays held, and whoever resumes it then gives nothing back to the old secret.
 */
export const rotateKey = useCase<RotateKeyInput, OpenKey, KeyRotated, JudgingCore>({
  name: 'rotateKey',

  authorize: (change, caller, input) => openKey(change, caller, input.keyId, 'key.rotate'),

  async run(change, caller, input, key) {
    if (!mayRotateNow(caller, key, input)) return notActive(key, key.now);
    const prepared = await prepareRotation(change, caller, key, input);
    if (isFailure(prepared)) return prepared;
    const advice = await adviseAnew(change, withNewSecret(key), key.now);
    await change.tx.key.update({ where: { id: key.id }, data: advice });
    return { keyId: key.id, ...(await startRotation(change, caller, { ...key, ...advice }, prepared)) };
  },
});

function mayRotateNow(caller: Caller, key: OpenKey, { gracePeriodMs }: RotateKeyInput): boolean {
  const state = keyState(key, key.now);
  return state === 'ACTIVE' || (state === 'HELD' && caller.kind === 'ACCOUNT' && gracePeriodMs === 0);
}
