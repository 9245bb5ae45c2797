import type { Caller } from '../../domain/caller.ts';
import type { EventType } from '../../domain/event.ts';
import { PLAIN_LEAK_REASON } from '../../domain/hold-source.ts';
import type { keyEventFields } from '../../domain/key-event-fields.ts';

const leak = ['generation', 'foundIn', 'lastUsedAt', 'uses'];
const stop = ['expiresAt', 'stopsAt', 'basis'];

/**
 * The fields of `data` that a portal session sees, by type of event: none that names a person, another key or customer, a policy, a
 * token rule or an operation. A type or field that is not listed is not shown.
 */
const shown: Readonly<Record<keyof typeof keyEventFields, readonly string[]>> = {
  KEY_ISSUED: [...stop, 'notBefore', 'bindsAt'],
  KEY_ADOPTED: ['generation'],
  KEY_FIRST_USED: ['generation', 'consumer'],
  KEY_USED_OUT_OF_RHYTHM: ['isEarly', 'consumer', 'interval', 'nextUseFrom', 'nextUseTo'],
  KEY_UPDATED: [...stop, 'changed', 'before', 'after', 'from', 'previousRetiresAt'],
  KEY_TRANSFERRED: [],
  KEY_RENEWED: [...stop, 'mode', 'from'],
  KEY_HELD: ['source', 'code', ...leak],
  KEY_RESUMED: ['sources', 'isStillHeld'],
  KEY_REVOKED: ['source', ...leak],
  KEY_ROTATION_ASKED: ['gracePeriod'],
  KEY_ROTATION_WITHDRAWN: ['askedAt', 'stillAskedAt'],
  KEY_ROTATION_STARTED: ['generation', 'previousRetiresAt', 'gracePeriod'],
  KEY_ROTATION_COMPLETED: ['by', ...leak],
  KEY_ROTATION_UNDONE: ['generation', 'retiresAt', 'isSwap'],
  KEY_ROTATION_STALLED: ['generation', 'from', 'to'],
  KEY_SECRET_REUSED: ['generation', 'consumer', 'isNewConsumer', 'retiredAt'],
  KEY_BROKE_CONSUMER: ['generation', 'consumer', 'outcome', 'firstUsedAt', 'lastUsedAt'],
  KEY_BROWNOUT_ENDED: ['consumer', 'from', 'to'],
  KEY_EXPIRING: ['stopsAt', 'basis', 'threshold'],
  KEY_STOPS_BEFORE_NEXT_USE: ['stopsAt', 'basis', 'threshold', 'nextUseFrom', 'nextUseTo', 'interval', 'isSure'],
  KEY_EXPIRED: ['basis', 'code'],
  KEY_DORMANCY_WARNED: ['code', 'stopsAt'],
  KEY_STOP_CHANGED: ['from', 'to', 'basis', 'code', 'previousExpiresAt', 'expiresAt'],
};

/** Returns the data of an event as a caller may see it, for `data` and `detail`. */
export function showEventData<Data>(caller: Caller, { type, data }: { readonly type: string; readonly data: Data }) {
  return caller.kind === 'PORTAL' ? (pickShown(type, data) as Data) : data;
}

function pickShown(type: string, data: unknown): object {
  const names: Partial<Record<EventType, readonly string[]>> = shown;
  const fields = Object.hasOwn(names, type) ? (names[type as EventType] ?? []) : [];
  return Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => fields.includes(name)));
}

/** Returns the reason of an event as a caller may see it: a portal session does not see who reported a leak. */
export function showEventReason(
  caller: Caller,
  { reason, data }: { readonly reason: string | null; readonly data: unknown },
): string | null {
  const { source, by } = (data ?? {}) as { readonly source?: unknown; readonly by?: unknown };
  const isLeak = source === 'LEAK' || by === 'LEAKED';
  return caller.kind === 'PORTAL' && isLeak ? PLAIN_LEAK_REASON : reason;
}
