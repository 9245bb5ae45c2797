import { isFailure } from '../domain/failure.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { notActive, openKey } from './open-key.ts';
import { startRotation, type RotationInput } from './start-rotation.ts';
import { keyState, type StoredKey } from './stored-key.ts';

export interface RotateKeyInput extends RotationInput {
  readonly keyId?: string | null;
}

export type KeyRotated = { readonly keyId: string; readonly delivery: Delivery; readonly previousRetiresAt: Date };

/** Replaces a key's secret; the old one stays good through the grace period (law 5). */
export const rotateKey = useCase<RotateKeyInput, StoredKey, KeyRotated>({
  name: 'rotateKey',

  authorize: (change, caller, input) => openKey(change, caller, input.keyId, 'key.rotate'),

  async run(change, caller, input, key) {
    const now = change.now();
    if (keyState(key, now) !== 'ACTIVE') return notActive(key, now);
    const started = await startRotation(change, caller, key, input, now);
    return isFailure(started) ? started : { keyId: key.id, ...started };
  },
});
