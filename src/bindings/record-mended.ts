import type { Binding } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import type { Caller } from '../domain/caller.ts';
import type { Change } from '../log/change.ts';

/**
 * Whoever was told that a binding is BROKEN is told that, as somebody changed it, it no longer is. Should it fail again that is
 * told again. The binding is given as it was.
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
