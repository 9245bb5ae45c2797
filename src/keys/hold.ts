import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { relations } from '../domain/permission.ts';
import { useCase } from '../log/use-case.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { hasEnded, notActive, openKey, type OpenKey } from './open-key.ts';
import { subjectOf, targetOf, type StoredKey } from './stored-key.ts';

export interface HoldKeyInput {
  readonly keyId: string;
  readonly reason: string;
}

/** Suspends a key, at once and until it is resumed. Held twice by the same side, it is held. */
export const holdKey = useCase<HoldKeyInput, OpenKey, { readonly keyId: string }>({
  name: 'holdKey',

  async authorize(change, caller, input) {
    checkText('reason', input.reason, LONGEST_REASON);
    return openKey(change, caller, input.keyId, 'key.hold');
  },

  async run(change, caller, input, key) {
    const { now } = key;
    if (hasEnded(key)) return notActive(key, now);
    const source = sideOf(caller, key);
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
    change.tell({ type: 'KEY_HELD', at: now, ...subjectOf(key), actor, reason: input.reason, data: { source } });
    return { keyId: key.id };
  },
});

/** An administrator who has nothing to do with the key's owner acts as administrator; everyone else for the owner. */
export function sideOf(caller: Caller, key: StoredKey): 'OWNER' | 'ADMINISTRATOR' {
  const found = relations(caller, targetOf(key));
  const isOurs = found.has('OWNER') || found.has('ORGANIZATION_OWNER') || found.has('ORGANIZATION_ADMIN');
  return found.has('ADMINISTRATOR') && !isOurs ? 'ADMINISTRATOR' : 'OWNER';
}
