/**
 * The errors that stop a whole request: GraphQL's `extensions.code` and the HTTP status outside GraphQL. Errors that the caller of
 * a mutation can act on are failures (`failure.ts`), which are returned as data.
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
 * The refusal of a whole request. Its message and details are sent to the caller: they must not contain a secret. Instants in the
 * details end in `At`, `retryAfter` is in whole seconds.
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

/** The credential is missing or invalid. `details` may give the outcome of its verification, for example `{ outcome }`. */
export function unauthenticated(message: string, details?: RequestError['details']): RequestError {
  return new RequestError('UNAUTHENTICATED', message, details);
}

/** The credential is valid, but does not permit the request. */
export function forbidden(message: string): RequestError {
  return new RequestError('FORBIDDEN', message);
}

/** The caller is a page in a browser, and the change outlives its session: the person has to give the password again. */
export function passwordRequired(): RequestError {
  const message =
    'This change outlives the session of the page: give the password again (POST /session/confirm), then repeat the change within 5 minutes.';
  return new RequestError('FORBIDDEN', message, { passwordRequired: true });
}

/** The input is malformed or out of bounds. The message says what was found and what is accepted, `path` where in the input. */
export function badUserInput(message: string, path?: readonly string[]): RequestError {
  return new RequestError('BAD_USER_INPUT', message, path === undefined ? {} : { path });
}

/** Retention has deleted events after the cursor. `oldest` is the earliest cursor from which no event is missing. */
export function cursorExpired(oldest: string): RequestError {
  const message =
    'Events after this cursor have been deleted. Query the current state, or continue from the oldest cursor.';
  return new RequestError('CURSOR_EXPIRED', message, { oldest });
}

/** The cursor is not in this log, or was before the log was restored from a backup. `newest` is the cursor of the log's end. */
export function cursorAhead(newest: string): RequestError {
  const message =
    'The log does not have this cursor: it was restored from a backup, or is another log. Query the current state, then subscribe.';
  return new RequestError('CURSOR_AHEAD', message, { newest });
}

/** The operation was refused before execution. The message names the limit, what was found and what is accepted. */
export function queryTooCostly(message: string, details?: RequestError['details']): RequestError {
  return new RequestError('QUERY_TOO_COSTLY', message, details);
}

/** Too many requests. The message ends with the time to wait. `details.retryAfter` is `retryAfterMs` in whole seconds, rounded up, at least 1. */
export function rateLimited(message: string, retryAfterMs: number): RequestError {
  const retryAfter = Math.max(1, Math.ceil(retryAfterMs / 1000));
  const wait = retryAfter === 1 ? '1 second' : `${retryAfter} seconds`;
  return new RequestError('RATE_LIMITED', `${message} Try again in ${wait}.`, { retryAfter });
}

/** The gateway cannot answer now. The caller must keep its credential and retry. */
export function unavailable(message: string, retryAfterMs = 1000): RequestError {
  return new RequestError('UNAVAILABLE', message, { retryAfter: Math.max(1, Math.ceil(retryAfterMs / 1000)) });
}
