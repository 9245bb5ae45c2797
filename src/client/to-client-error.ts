import { ClientError } from './client-error.ts';
import { readRetryAfterHeader } from './retry-after.ts';

/** An error of a GraphQL response. */
export interface GraphqlResponseError {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown; readonly [name: string]: unknown };
}

/**
 * Error codes of temporary failures. INTERNAL_SERVER_ERROR is among them, because the same request may succeed on a
 * retry.
 */
const retryableCodes = ['UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR'];

/** Upper bound on delays, in seconds: a day. */
const RETRY_AFTER_MAX_S = 86_400;

/** Converts the errors of a response to a ClientError. Only the first error counts. */
export function toClientError(
  [{ message, extensions: { code: givenCode, ...details } = {} }]: readonly [
    GraphqlResponseError,
    ...GraphqlResponseError[],
  ],
  response: Response,
): ClientError {
  const code = typeof givenCode === 'string' ? givenCode : null;
  const isPassing = code === null ? response.status >= 429 : retryableCodes.includes(code);
  if (!isPassing) return new ClientError('REFUSED', message, { code, details });
  return new ClientError('UNAVAILABLE', message, { code, details, retryAfterMs: readRetryAfterMs(response, details) });
}

/**
 * Reads the requested delay before a retry, in ms, from an error's fields or the Retry-After header; null: there is
 * none.
 */
export function readRetryAfterMs(response: Response, details: { readonly retryAfter?: unknown } = {}): number | null {
  const { retryAfter: seconds } = details;
  if (typeof seconds !== 'number' || seconds < 0) return readRetryAfterHeader(response);
  return Math.min(seconds, RETRY_AFTER_MAX_S) * 1000;
}
