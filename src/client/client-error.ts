/**
 * The kinds of failures, a closed set:
 *
 * - UNREACHABLE: no complete response arrived. The request may have been executed. Send it again; send a mutation again
 *   under the same idempotency key.
 * - UNAVAILABLE: the gateway, or a proxy in front of it, cannot answer now. Send the request again after
 *   `retryAfterMs`, if that is not null.
 * - REFUSED: the request as a whole was refused: by the gateway, with an error code such as UNAUTHENTICATED or
 *   FORBIDDEN,
 *   or by the client itself, with the code BAD_URL or NOT_A_KEY.
 * - FAILED: a mutation returned a UserError; nothing was changed.
 * - UNREADABLE: the response is not from a gateway, or from one of another version.
 */
export type ClientErrorKind = 'UNREACHABLE' | 'UNAVAILABLE' | 'REFUSED' | 'FAILED' | 'UNREADABLE';

/** What is known about an error, besides its message. */
export interface ClientErrorFacts {
  /** Stable error code for programs; null: there is none. */
  readonly code?: string | null;
  /** Delay before a retry in ms; null: unknown. */
  readonly retryAfterMs?: number | null;
  /** Further fields of the error, such as `outcome` of UNAUTHENTICATED or `allowedAt` of RENEWAL_NOT_ALLOWED. */
  readonly details?: { readonly [name: string]: unknown };
  readonly cause?: unknown;
}

/** The only error that the client throws. It contains no credential and nothing of the request. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly kind: ClientErrorKind;
  readonly code: string | null;
  readonly retryAfterMs: number | null;
  readonly details: { readonly [name: string]: unknown };

  constructor(kind: ClientErrorKind, message: string, facts: ClientErrorFacts = {}) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause });
    this.kind = kind;
    this.code = facts.code ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.details = facts.details ?? {};
  }

  /** Whether the failure is temporary: the same request may succeed later, and is not known to have been refused. */
  get isPassing(): boolean {
    return this.kind === 'UNREACHABLE' || this.kind === 'UNAVAILABLE';
  }
}
