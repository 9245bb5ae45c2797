import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { relationsOf } from '../domain/permission.ts';
import { useCase } from '../log/use-case.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { hasEnded, keyNotActive, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { keyEventFields, keyTargetOf, type KeyRow } from './key-row.ts';

export interface HoldKeyInput {
  readonly keyId: string;
  readonly reason: string;
}

/** Suspends a key, at once and until it is resumed. Held twice by the same side, it is held. */
export const holdKey = useCase<HoldKeyInput, LockedKey, { readonly keyId: string }>({
  name: 'holdKey',

  async authorize(change, caller, input) {
    checkText('reason', input.reason, LONGEST_REASON);
    return lockKeyForCaller(change, caller, input.keyId, 'key.hold');
  },

  async run(change, caller, input, key) {
    const { now } = key;
    if (hasEnded(key)) return keyNotActive(key, now);
    const source = holdSourceOf(caller, key);
    if (key.holds.some((hold) => hold.source === source)) return { keyId: key.id };
    const actor = actorOf(caller);
    await change.tx.hold.create({
      data: {
        id: newId('hold', now, change.core.random),
        keyId: key.id,
        source,
        sourceId: actor.id ?? '',
        sourceName: actor.name ?? '',
        reason: input.reason,
        since: now,
      },
    });
    change.record({ type: 'KEY_HELD', at: now, ...keyEventFields(key), actor, reason: input.reason, data: { source } });
    return { keyId: key.id };
  },
});

/** An administrator who has nothing to do with the key's owner acts as administrator; everyone else for the owner. */
export function holdSourceOf(caller: Caller, key: KeyRow): 'OWNER' | 'ADMINISTRATOR' {
  const found = relationsOf(caller, keyTargetOf(key));
  const isOurs = found.has('OWNER') || found.has('ORGANIZATION_OWNER') || found.has('ORGANIZATION_ADMIN');
  return found.has('ADMINISTRATOR') && !isOurs ? 'ADMINISTRATOR' : 'OWNER';
}
