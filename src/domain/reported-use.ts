import { earliest } from './key.ts';
import type { Outcome } from './verification.ts';
import { secretEndsAt } from './verification.ts';
import type { StopBasis } from './verdict.ts';

/** Uses of one secret by one consumer on one day (UTC), as a verifier in another process reports them. */
export interface ReportedItem {
  readonly keyId: string;
  readonly generation: number;
  /** Empty: the verifier named none. */
  readonly consumer: string;
  readonly outcome: Exclude<Outcome, 'KEY_UNKNOWN'>;
  /** In ms since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

/** The present state of a reported secret and its key. */
export interface ItemSecret {
  readonly createdAt: Date;
  readonly retiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly expiredAt: Date | null;
  readonly expiresAt: Date | null;
  readonly expiryBasis: StopBasis | null;
  /** Since when the key is held; null: it is not. */
  readonly heldSince: Date | null;
}

/** Why an item of a report does not count. */
export type ItemRefusal = 'KEY_UNKNOWN' | 'OWN_KEY' | 'BEFORE_WATERMARK' | 'AFTER_NOW' | 'NOT_VALID_THEN';

/**
 * Returns what of an item counts, or why it does not. It lies between the last watermark of its reporter and now, and accepted use
 * counts only for a secret that was valid at its time: of an item that began before the end of its secret, the time
 * after the end is cut off, because a verifier learns of the end a moment later.
 */
export function checkItem(
  item: ReportedItem,
  secret: ItemSecret | undefined,
  bounds: { readonly fromMs: number; readonly toMs: number },
): ReportedItem | ItemRefusal {
  if (secret === undefined) return 'KEY_UNKNOWN';
  if (item.firstMs < bounds.fromMs) return 'BEFORE_WATERMARK';
  if (item.lastMs > bounds.toMs) return 'AFTER_NOW';
  if (item.outcome !== 'VALID') return item;
  const end = earliest(secretEndsAt(secret), secret.revokedAt, secret.expiredAt, secret.heldSince);
  const lastMs = end === null ? item.lastMs : Math.min(item.lastMs, end.getTime() - 1);
  if (item.firstMs < secret.createdAt.getTime() || lastMs < item.firstMs) return 'NOT_VALID_THEN';
  return { ...item, lastMs };
}
