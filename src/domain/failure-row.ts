/**
 * A failure that the caller of a mutation can act on. The use case's message says what was found and what was expected, `remedy`
 * what to do. `retry` tells automation whether the same request can succeed later without a change.
 */
export interface FailureRow {
  readonly code: string;
  readonly retry: 'NEVER' | 'LATER';
  readonly remedy: string;
  /** The facts that the failure gives besides its message. Each may be null. */
  readonly details?: { readonly [name: string]: 'INSTANT' | 'STATE' | 'DURATION' | 'ISSUES' | 'TOKEN_PROBLEM' };
}
