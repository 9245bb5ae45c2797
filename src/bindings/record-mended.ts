import type { Binding } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import type { Caller } from '../domain/caller.ts';
import type { Change } from '../log/change.ts';

/**
 * Records POLICY_MENDED if a binding was BROKEN before a caller changed it. The change resets the binding's health, so
 * that its next failure records POLICY_BROKEN again. Takes the binding as it was before the change.
 */
export function recordMended(
  { record }: Change,
  { id, realmId, policy, health }: Binding,
  { hash, revision }: Pick<Binding, 'hash' | 'revision'>,
  caller: Caller,
  at: Date,
): void {
  if (health !== 'BROKEN') return;
  const data = { bindingId: id, policy, hash, revision };
  record({ type: 'POLICY_MENDED', at, realmId, actor: actorOf(caller), reason: null, data });
}
