import type { OwnKey } from '../../client/own-key.ts';
import { MINUTE_MS, parseDuration } from '../../domain/duration.ts';

/** The least that a gateway tells as `retryAfter`: so soon is a key due whose moment is over (src/domain/renewal-advice.ts). */
const RETRY_AFTER_MIN_MS = 15 * MINUTE_MS;

/**
 * Whether a key is due, by the gateway's clock: `retryAfter` is the time to `suggestedAt`, and no shorter than 15 minutes. What
 * comes due within these is done now; early is never refused.
 */
export function isDue({ renewalInfo: { allowed, suggestedAt, retryAfter } }: Pick<OwnKey, 'renewalInfo'>): boolean {
  const parsed = parseDuration(retryAfter);
  return allowed && suggestedAt !== null && 'ms' in parsed && parsed.ms <= RETRY_AFTER_MIN_MS;
}
