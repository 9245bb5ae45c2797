import type { OwnKey } from '../../client/own-key.ts';
import { MINUTE_MS, parseDuration } from '../../domain/duration.ts';

/** The smallest `retryAfter` that a gateway sends, even for a key that is overdue (src/domain/renewal-advice.ts). */
const RETRY_AFTER_MIN_MS = 15 * MINUTE_MS;

/**
 * Whether a key is due by the gateway's clock. `retryAfter` is the time to `suggestedAt`, but at least 15 minutes, so a
 * key that becomes due within 15 minutes counts as due. An early renewal is never refused.
 */
export function isDue({ renewalInfo: { allowed, suggestedAt, retryAfter } }: Pick<OwnKey, 'renewalInfo'>): boolean {
  const parsed = parseDuration(retryAfter);
  return allowed && suggestedAt !== null && 'ms' in parsed && parsed.ms <= RETRY_AFTER_MIN_MS;
}
