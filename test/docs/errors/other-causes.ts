import type { exitStatus } from '../../../src/cli/exit-status.ts';
import type { RequestErrorCode } from '../../../src/domain/request-error.ts';
import type { Outcome } from '../../../src/domain/verification.ts';

/** When the whole request is refused, in one sentence or two. */
export const errorMeanings: Record<RequestErrorCode, string> = {
  UNAUTHENTICATED: 'The credential is missing or invalid. `extensions.outcome` says why.',
  FORBIDDEN: 'The credential is valid but does not allow this.',
  BAD_USER_INPUT: 'The request is malformed, or an input is out of its bounds.',
  CURSOR_EXPIRED:
    'Events after the cursor have been deleted (retention). `extensions.oldest`: the earliest cursor from which nothing is missing.',
  CURSOR_AHEAD:
    'The cursor is ahead of the log: the database was restored, or is another one. `extensions.newest`: the cursor of its end.',
  QUERY_TOO_COSTLY: 'The operation is over a limit. Nothing was run.',
  RATE_LIMITED: 'Too many requests. `extensions.retryAfter`: seconds to wait.',
  UNAVAILABLE:
    'The gateway cannot decide right now, for example because its database is unavailable. Keep the credential and retry.',
};

/** What the caller of a refused request can do. */
export const errorRemedies: Record<RequestErrorCode, readonly string[]> = {
  UNAUTHENTICATED: [
    'Send `Authorization: Bearer <session token or key secret>`.',
    'If a session is over, sign in again. If `extensions.outcome` is that of a key, its page says what to do.',
  ],
  FORBIDDEN: ['Use a credential that may do this: [who may do what](../permissions.md).'],
  BAD_USER_INPUT: [
    'Read the message: it says what was found and what is expected. `extensions.path` is where in the input.',
  ],
  CURSOR_EXPIRED: [
    'Query the present state, then continue from `extensions.oldest`.',
    'Read the log more often than [events are retained](../guides/log.md#how-long-events-are-retained).',
  ],
  CURSOR_AHEAD: ['Query the present state, then subscribe from `extensions.newest`.'],
  QUERY_TOO_COSTLY: ['Ask for less at once, or split the operation: [limits on operations](../limits.md).'],
  RATE_LIMITED: ['Wait for `extensions.retryAfter` seconds, then send the same request again.'],
  UNAVAILABLE: [
    'Keep the credential and send the same request again, with growing pauses. With the same idempotency key nothing happens twice.',
    'Never treat it as a refusal: your API answers 503 to its own client.',
  ],
};

/** What an API answers to its client for each outcome, and why the key has it. */
export const outcomeCauses: Record<Outcome, { readonly status: string; readonly cause: string }> = {
  KEY_UNKNOWN: {
    status: '401',
    cause:
      'No key of the realm has this secret: it was mistyped or cut off, belongs to another realm, or never existed.',
  },
  KEY_REVOKED: { status: '401', cause: 'Its owner, an administrator or the key itself ended the key for good.' },
  SECRET_RETIRED: {
    status: '401',
    cause:
      'The key was rotated and the grace period is over, or the rotation was confirmed or undone. The key itself may be good.',
  },
  KEY_EXPIRED: { status: '401', cause: 'The expiry of the key has passed, or a policy ended it after notice.' },
  KEY_HELD: {
    status: '401 (`/auth`: 403)',
    cause: 'Its owner, an administrator, the API that manages it, a policy or a leak report suspended the key.',
  },
  NOT_YET_VALID: { status: '403', cause: 'The key was issued with `notBefore`, and that moment has not come.' },
  ADDRESS_NOT_ALLOWED: {
    status: '403',
    cause: 'The key is limited to addresses, and the verifier sent another address, or none.',
  },
  BROWNOUT: {
    status: '403, with `Retry-After`',
    cause:
      'A manager of the key enrolled it in an announced brownout, a rehearsal of its end, which lasts 15 minutes at most.',
  },
  ACTION_UNKNOWN: { status: '500', cause: 'The verifier named an action that the realm has never had.' },
  SCOPE_MISSING: { status: '403', cause: 'No scope of the key covers the action on the resource.' },
  VALID: { status: 'as for every accepted request', cause: 'The key is active and covers the use.' },
};

/** What an exit status of the command means, and what to do. */
export const exitMeanings: Record<keyof typeof exitStatus, { readonly meaning: string; readonly remedy: string }> = {
  OK: { meaning: 'Success, or there was nothing to do.', remedy: 'Nothing.' },
  USAGE: { meaning: 'An argument or option is unknown or invalid.', remedy: 'See `keytide <command> --help`.' },
  DATA: {
    meaning: 'The input is invalid, or the gateway refused the request.',
    remedy: 'Read the message. Its code has a page here.',
  },
  NO_INPUT: { meaning: 'An input file does not exist.', remedy: 'Check the path.' },
  UNAVAILABLE: {
    meaning: 'Something that the command needs does not work, and a retry does not help.',
    remedy: 'Read the message. If it names a request id, ask the operator of the gateway for its log line.',
  },
  SOFTWARE: { meaning: 'A bug in the command.', remedy: 'Report it with the printed stack trace.' },
  CANNOT_CREATE: { meaning: 'An output file cannot be written.', remedy: 'Check the folder and its permissions.' },
  TEMPORARY: {
    meaning: 'A temporary failure: the gateway cannot be reached, or cannot answer now.',
    remedy: 'Run the same command again later.',
  },
  PROTOCOL: {
    meaning: 'A server responded with something that the command cannot use: it may be no gateway, or another version.',
    remedy: 'Check the URL, and compare the versions of the command and the gateway.',
  },
  NO_PERMISSION: {
    meaning: 'The credential lacks permission, or a private file is accessible to other users.',
    remedy: 'Log in again, use another credential, or change the mode of the file to 0600.',
  },
  CONFIG: { meaning: 'A configuration file or a setting is invalid.', remedy: 'Correct what the message names.' },
};
