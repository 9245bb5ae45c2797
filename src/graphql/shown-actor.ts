import type { Caller } from '../domain/caller.ts';
import { describeHoldKind, PLAIN_LEAK_REASON } from '../domain/hold-source.ts';

interface ActorShape {
  readonly kind: string;
  readonly id: string | null;
  readonly name: string | null;
}

/**
 * Returns an actor as a caller may see it. A customer's page sees which kind of actor made a change of a key, and no person, other
 * key or policy by name or id.
 */
export function showActor<Actor extends ActorShape>(caller: Caller, actor: Actor, keyId: string | null): ActorShape {
  if (caller.kind !== 'PORTAL' || actor.kind === 'PORTAL' || (keyId !== null && actor.id === keyId)) return actor;
  return { kind: actor.kind, id: null, name: null };
}

/** Returns who holds a key as a caller may see it, from the kind of the hold and the name of its source. */
export function showHoldSource(caller: Caller, { source, sourceName }: { source: string; sourceName: string }): string {
  if (caller.kind === 'PORTAL') return describeHoldKind(source);
  if (source === 'LEAK') return `${sourceName} (leak report)`;
  if (source === 'MANAGER') return `${sourceName} (manager)`;
  return source === 'ADMINISTRATOR' ? `${sourceName} (administrator)` : sourceName;
}

/** Returns the reason of a hold as a caller may see it: a portal session does not see who reported a leak. */
export function showHoldReason(caller: Caller, { source, reason }: { source: string; reason: string }): string {
  return caller.kind === 'PORTAL' && source === 'LEAK' ? PLAIN_LEAK_REASON : reason;
}
