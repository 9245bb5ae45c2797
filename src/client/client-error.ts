/**
 * What can become of a request, as a closed set:
 *
 * - UNREACHABLE: no answer came. The request may have been carried out: send it again, a mutation under the same idempotency key.
 * - UNAVAILABLE: the gateway, or what stands before it, cannot answer now. Send it again after `retryAfterMs`, where it is told.
 * - REFUSED: the request as a whole, with one of GraphQL's codes, such as UNAUTHENTICATED or FORBIDDEN.
 * - FAILED: a mutation answered with a UserError; nothing was changed.
 * - UNREADABLE: what answered is no gateway, or one of another version.
 */
export type ClientErrorKind = 'UNREACHABLE' | 'UNAVAILABLE' | 'REFUSED' | 'FAILED' | 'UNREADABLE';

/** What is known of an error beside its message. */
export interface ClientErrorFacts {
  /** Stable, for programs; null: there is none. */
  readonly code?: string | null;
  /** How long to wait before asking again, in ms; null: it was not told. */
  readonly retryAfterMs?: number | null;
  /** What the gateway tells beside the message, such as `outcome` of UNAUTHENTICATED or `allowedAt` of RENEWAL_NOT_ALLOWED. */
  readonly details?: { readonly [name: string]: unknown };
  readonly cause?: unknown;
}

/** The one error that the client throws. It holds no credential and nothing of what was sent. */
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

  /** Whether the same request may succeed later, and it is not known to have been refused. */
  get isPassing(): boolean {
    return this.kind === 'UNREACHABLE' || this.kind === 'UNAVAILABLE';
  }
}
