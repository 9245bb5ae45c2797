import { actorOf } from '../domain/event.ts';
import { useCase } from '../log/use-case.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { checkNotEnded, holdSourceOf, isHeldBySource } from './action-checks.ts';
import { lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { placeHolds } from './write-holds.ts';

export interface HoldKeyInput {
  readonly keyId: string;
  readonly reason: string;
}

/**
 * Suspends a key at once, until it is resumed. A second hold from the same source changes nothing, but each operation
 * places holds of its own.
 */
export const holdKey = useCase<HoldKeyInput, LockedKey, { readonly keyId: string }>()({
  name: 'holdKey',

  async authorize(change, caller, input) {
    checkText('reason', input.reason, LONGEST_REASON);
    return lockKeyForCaller(change, caller, input.keyId, 'HOLD');
  },

  async run(change, caller, input, key) {
    const refused = checkNotEnded(caller, key);
    if (refused !== null) return refused;
    if (isHeldBySource(caller, key, change.operationId ?? null)) return { keyId: key.id };
    const source = holdSourceOf(caller, key);
    placeHolds(change, actorOf(caller), [key], { source, reason: input.reason });
    return { keyId: key.id };
  },
});
