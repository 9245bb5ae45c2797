import { hasReservedAction } from '../../domain/caller.ts';
import { recordCallerUse } from '../../keys/record-caller-use.ts';
import type { Context } from '../context.ts';

/**
 * Records a use of the calling key if it reads other keys of its owner, or of subjects. A key that reads itself is not used by that.
 * `keyId` is the key that was read, if it was a single one and was found.
 */
export function recordReadAsUse({ caller, services }: Pick<Context, 'caller' | 'services'>, keyId?: string): void {
  if (caller.kind !== 'KEY' || keyId === caller.id) return;
  if (!hasReservedAction(caller, 'keytide:read') && !hasReservedAction(caller, 'keytide:manage')) return;
  recordCallerUse(services.uses, caller, services.clock.now());
}
