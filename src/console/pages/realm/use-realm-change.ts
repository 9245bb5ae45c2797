import { useState } from 'react';
import { useClient } from 'urql';
import { readOutcome } from '../../api/client.ts';
import type { UpdateRealmInput } from '../../api/operations.ts';
import { newIdempotencyKey, useChange, type ChangeState } from '../../api/use-change.ts';
import { RealmQuery, updateRealmDocument, type RealmDetails } from './realm-query.ts';

/** The changes of a realm, or why there are none, for people. */
type Changes = Omit<UpdateRealmInput, 'realm' | 'settingsVersion'> | string;

/** What a form says that would overwrite what another person changed. */
export const CHANGED_MEANWHILE =
  'Another person has changed this since you opened the form. Nothing was saved. Cancel to see what it is now, and change it again.';

/**
 * Returns how to change settings of a realm on the basis of what they are at that moment: they are read first, and the gateway
 * refuses the change if another person was faster. Nothing that others have set is overwritten unseen.
 */
export function useRealmChange(slug: string) {
  const client = useClient();
  const [update, updating] = useChange(updateRealmDocument, 'updateRealm');
  const [reading, setReading] = useState<ChangeState>({ isRunning: false, problem: null });
  const change = async (changesOf: (present: RealmDetails) => Changes) => {
    setReading({ isRunning: true, problem: null });
    const read = await client.query(RealmQuery, { slug }, { requestPolicy: 'network-only' }).toPromise();
    const { data, problem } = readOutcome(read);
    const present = data?.realm ?? null;
    const changes = present === null ? (problem ?? 'There is no such realm any more.') : changesOf(present);
    if (present === null || typeof changes === 'string') {
      setReading({ isRunning: false, problem: String(changes) });
      return null;
    }
    const { settingsVersion } = present;
    const success = await update({
      input: { realm: slug, settingsVersion, ...changes, idempotencyKey: newIdempotencyKey() },
    });
    setReading({ isRunning: false, problem: null });
    return success;
  };
  const state: ChangeState = {
    isRunning: reading.isRunning || updating.isRunning,
    problem: reading.problem ?? updating.problem,
  };
  return [change, state] as const;
}

/** Whether a list of a realm is what it was. */
export function isUnchanged(present: unknown, before: unknown): boolean {
  return JSON.stringify(present) === JSON.stringify(before);
}
