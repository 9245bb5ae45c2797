import { hasCome } from '../domain/key.ts';
import type { Key } from '../../prisma/generated/client/client.ts';

/**
 * Returns whether a key still stops when a notice says: it has not ended, and its stop has neither moved nor passed.
 */
export function isNoticeCurrent(
  key: Pick<Key, 'stopsAt' | 'expiredAt' | 'revokedAt'>,
  notice: { readonly stopsAt: Date },
  now: Date,
): boolean {
  const isSame = key.stopsAt?.getTime() === notice.stopsAt.getTime();
  return isSame && key.expiredAt === null && key.revokedAt === null && !hasCome(notice.stopsAt, now);
}
