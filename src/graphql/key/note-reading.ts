import { holdsReserved } from '../../domain/caller.ts';
import { noteCaller } from '../../keys/note-caller.ts';
import type { Context } from '../context.ts';

/**
 * A key that reads its owner's other keys is in use; one that asks about itself is not. Says which key was read, when it
 * was a single one, that was there to be seen.
 */
export function noteReading({ caller, services }: Pick<Context, 'caller' | 'services'>, keyId?: string): void {
  if (caller.kind !== 'KEY' || keyId === caller.id || !holdsReserved(caller, 'keytide:read')) return;
  noteCaller(services.uses, caller, services.clock.now());
}
