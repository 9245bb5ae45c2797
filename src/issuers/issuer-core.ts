import type { Failure } from '../domain/failure.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';
import type { Core } from '../store/core.ts';

/** What issuers are trusted with. */
export type IssuerCore = Core & {
  /** Where issuers may be asked for their keys. */
  readonly issuerSsrfGuard: SsrfGuard;
  /** Where callers reach the gateway. */
  readonly publicUrl: () => string;
};

/** The same with what was found of a URL before the change began: no transaction waits for a name server. */
export type CheckedUrlCore = Core & { readonly refusal: Failure | null };
