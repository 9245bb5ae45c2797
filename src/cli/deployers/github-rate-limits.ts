import { readRetryAfterHeader } from '../../client/retry-after.ts';
import { MINUTE_MS } from '../../domain/duration.ts';

/**
 * Returns for how long GitHub limits requests, in ms; null: it does not. After docs.github.com, "Rate limits for the
 * REST API", section "Exceeding the rate limit": 403 or 429 with Retry-After in seconds; or x-ratelimit-remaining 0 and
 * x-ratelimit-reset, an instant in seconds of Unix time, measured here against the response's own Date; or neither, and
 * then a minute.
 */
export function readGithubRetryDelay({ status, headers }: Response): number | null {
  if (status !== 403 && status !== 429) return null;
  const retryAfterMs = readRetryAfterHeader({ headers });
  if (retryAfterMs !== null) return retryAfterMs;
  if (headers.get('x-ratelimit-remaining') === '0') {
    const resetMs = Number(headers.get('x-ratelimit-reset')) * 1000;
    const sentMs = Date.parse(headers.get('date') ?? '');
    return Number.isFinite(resetMs - sentMs) ? Math.max(1000, resetMs - sentMs) : MINUTE_MS;
  }
  // A 403 without these headers means missing permission.
  return status === 429 ? MINUTE_MS : null;
}
