import type { Failure } from '../domain/failure.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';
import type { Core } from '../store/core.ts';

export type IssuerCore = Core & {
  /** The SSRF guard for URLs of issuers. */
  readonly issuerSsrfGuard: SsrfGuard;
  /** The URL at which callers reach the gateway. */
  readonly publicUrl: () => string;
};

/** A core with the result of the URL check, which runs before the transaction, so that no transaction waits for DNS. */
export type CheckedUrlCore = Core & { readonly refusal: Failure<'IssuerUrlNotAllowed'> | null };
