import { hasReservedAction } from '../../domain/caller.ts';
import { recordCallerUse } from '../../keys/record-caller-use.ts';
import type { Context } from '../context.ts';

/**
 * A key that reads its owner's other keys is in use; one that asks about itself is not. Says which key was read, when it
 * was a single one, that was there to be seen.
 */
export function recordReadAsUse({ caller, services }: Pick<Context, 'caller' | 'services'>, keyId?: string): void {
  if (caller.kind !== 'KEY' || keyId === caller.id || !hasReservedAction(caller, 'keytide:read')) return;
  recordCallerUse(services.uses, caller, services.clock.now());
}
