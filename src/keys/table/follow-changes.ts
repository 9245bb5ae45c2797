import type { EventType } from '../../domain/event.ts';
import type { Follower } from '../../log/follower.ts';
import type { Changes } from './changes.ts';
import type { Freshness, KeyTable } from './key-table.ts';

/** The events of changes that create secrets. */
export const secretEvents: ReadonlySet<string> = new Set<EventType>([
  'KEY_ISSUED',
  'KEY_ADOPTED',
  'KEY_ROTATION_STARTED',
]);

/** The events of changes to the facts of a realm that verifications need. */
export const realmEvents: ReadonlySet<string> = new Set<EventType>([
  'REALM_CREATED',
  'REALM_UPDATED',
  'ACTION_DEFINED',
]);

/** What an event is about, stored or about to be. */
interface EventSubject {
  readonly type: string;
  readonly keyId?: string | null;
  readonly realmId?: string | null;
}

/** Updates a table by the log: each event or quiet change marks its keys as in doubt in the turn in which it arrives. */
export function followChanges(table: KeyTable, follower: Pick<Follower, 'watch' | 'watchQuietly'>): void {
  follower.watch((events) => table.noteChanges(changesOf(events)));
  follower.watchQuietly((keyIds) => {
    if (keyIds === null) table.clear();
    else table.noteChanges(changesOf([], keyIds));
  });
}

/** Returns how far the follower knows the log. A node whose server is refused, such as a standby, verifies nothing (rule 32). */
export function freshnessOf(
  follower: Pick<Follower, 'lagMs' | 'catchUp' | 'isStopped'>,
  isRefused: () => boolean,
): Freshness {
  return {
    lagMs: () => (isRefused() ? Number.POSITIVE_INFINITY : follower.lagMs()),
    catchUp: async () => {
      await follower.catchUp();
      if (follower.isStopped) throw new Error('The log is not followed.');
    },
  };
}

/** Returns which keys and realms some events, and quiet changes, are about. */
export function changesOf(events: readonly EventSubject[], quietKeyIds: Iterable<string> = []): Changes {
  const keyIds = new Set(quietKeyIds);
  const realmIds = new Set<string>();
  for (const { type, keyId, realmId } of events) {
    if (keyId != null) keyIds.add(keyId);
    if (realmId != null && realmEvents.has(type)) realmIds.add(realmId);
  }
  return { keyIds, realmIds, hasNewSecrets: events.some(({ type }) => secretEvents.has(type)) };
}
