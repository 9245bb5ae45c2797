/**
 * What stops a whole request, as GraphQL's `extensions.code`, with the HTTP status that edges outside GraphQL give it.
 * What a caller of one mutation can act on is not here: that is a failure, and an answer.
 */
export const requestErrorStatus = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  CURSOR_EXPIRED: 410,
  CURSOR_AHEAD: 410,
  QUERY_TOO_COSTLY: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
} as const;

export type RequestErrorCode = keyof typeof requestErrorStatus;

/**
 * A request that is refused as a whole. Its message and details are shown to the caller: nothing in them may be secret.
 * Instants in details end in `At`, `retryAfter` is in whole seconds.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: RequestErrorCode;
  readonly details: { readonly [name: string]: unknown };

  constructor(code: RequestErrorCode, message: string, details: { readonly [name: string]: unknown } = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** No credential, or one that is not good; `details` may say what became of it, for example `{ outcome }`. */
export function unauthenticated(message: string, details?: RequestError['details']): RequestError {
  return new RequestError('UNAUTHENTICATED', message, details);
}

/** A good credential that does not reach this far. */
export function forbidden(message: string): RequestError {
  return new RequestError('FORBIDDEN', message);
}

/** Malformed or out of bounds; the message says what was found and what is accepted, `path` where in the input. */
export function badUserInput(message: string, path?: readonly string[]): RequestError {
  return new RequestError('BAD_USER_INPUT', message, path === undefined ? {} : { path });
}

/** A place in the log before what is kept; `oldest` is the earliest cursor from which nothing is missing. */
export function cursorExpired(oldest: string): RequestError {
  const message = 'Events after this cursor are no longer kept. Query afresh, or go on from the oldest cursor.';
  return new RequestError('CURSOR_EXPIRED', message, { oldest });
}

/** A place in the log that this log has never had, or had before it was restored; `newest` is the cursor of its end. */
export function cursorAhead(newest: string): RequestError {
  const message = 'The log has no such place: it was restored, or is another one. Query afresh, then subscribe.';
  return new RequestError('CURSOR_AHEAD', message, { newest });
}

/** Refused before it was run; the message says which limit, what was found and what is accepted. */
export function queryTooCostly(message: string, details?: RequestError['details']): RequestError {
  return new RequestError('QUERY_TOO_COSTLY', message, details);
}

/** Too many; `retryAfterMs` is told in whole seconds, rounded up, at least 1. */
export function rateLimited(message: string, retryAfterMs: number): RequestError {
  return new RequestError('RATE_LIMITED', message, { retryAfter: Math.max(1, Math.ceil(retryAfterMs / 1000)) });
}

/** The gateway cannot know right now: the caller keeps its credential and asks again. */
export function unavailable(message: string, retryAfterMs = 1000): RequestError {
  return new RequestError('UNAVAILABLE', message, { retryAfter: Math.max(1, Math.ceil(retryAfterMs / 1000)) });
}
