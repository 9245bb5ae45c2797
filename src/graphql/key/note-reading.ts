import { holdsReserved } from '../../domain/caller.ts';
import type { Context } from '../context.ts';

/** A key that reads its owner's other keys is in use; one that asks about itself is not. */
export function noteReading({ caller, services }: Pick<Context, 'caller' | 'services'>): void {
  if (caller.kind !== 'KEY' || !holdsReserved(caller, 'keytide:read')) return;
  services.uses.note({ secretId: caller.secretId, keyId: caller.id, consumer: '', at: services.clock.now() });
}
