import { actorOf, type Actor } from '../domain/event.ts';
import type { EventData } from '../domain/event-detail.ts';
import { isFailure } from '../domain/failure.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { checkConfirmation } from './action-checks.ts';
import { lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { noRotation, eventSubjectOf } from './key-row.ts';

export interface ConfirmRotationInput {
  readonly keyId?: string | null;
}

/** Ends a pending rotation: the old secret retires at once. Callers use it when every consumer has the new secret. */
export const confirmRotation = useCase<ConfirmRotationInput, LockedKey, { readonly keyId: string }>()({
  name: 'confirmRotation',

  authorize: (change, caller, input) => lockKeyForCaller(change, caller, input.keyId, 'CONFIRM_ROTATION'),

  async run(change, caller, _input, key) {
    const pending = checkConfirmation(caller, key);
    if (isFailure(pending)) return pending;
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
