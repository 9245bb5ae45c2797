import { actorOf, type Actor } from '../domain/event.ts';
import type { EventData } from '../domain/event-detail.ts';
import { fail } from '../domain/failure.ts';
import { forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { mayActAsNewest } from './recheck-caller.ts';
import { hasEnded, keyNotActive, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { noRotation, rotationOf, eventSubjectOf } from './key-row.ts';

export interface ConfirmRotationInput {
  readonly keyId?: string | null;
}

/** Ends a pending rotation: the old secret retires at once. Callers use it when every consumer has the new secret. */
export const confirmRotation = useCase<ConfirmRotationInput, LockedKey, { readonly keyId: string }>()({
  name: 'confirmRotation',

  authorize: (change, caller, input) => lockKeyForCaller(change, caller, input.keyId, 'key.confirmRotation'),

  async run(change, caller, _input, key) {
    const { now } = key;
    if (hasEnded(key)) return keyNotActive(caller, key);
    const isNewest = mayActAsNewest(caller, key);
    const pending = rotationOf(key, now);
    if (pending === null)
      return fail('RotationNotPending', 'The key has no pending rotation: only one secret works.', {
        remedy: 'No action is needed.',
      });
    if (!isNewest)
      throw forbidden(
        'Only the current secret, or a manager of the key, may confirm the rotation; this secret is retiring.',
      );
    const { retiring } = pending;
    completeRotation(change, key, retiring, actorOf(caller), {
      generation: retiring.generation,
      by: 'CONFIRMED',
    });
    return { keyId: key.id };
  },
});

/** Retires the old secret of a pending rotation now and records KEY_ROTATION_COMPLETED with `data`. */
export function completeRotation(
  { rows, record }: Change,
  key: LockedKey,
  retiring: { readonly id: string },
  actor: Actor,
  data: EventData<'KEY_ROTATION_COMPLETED'>,
  reason: string | null = null,
): void {
  const { now } = key;
  rows.update('Secret', { id: retiring.id, retiresAt: now });
  rows.update('Key', { id: key.id, ...noRotation });
  record({ type: 'KEY_ROTATION_COMPLETED', at: now, ...eventSubjectOf(key), actor, reason, data });
}
