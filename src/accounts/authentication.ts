import type { Caller } from '../domain/caller.ts';
import type { outcomeMessages } from '../domain/outcome-message.ts';
import { RequestError, unauthenticated } from '../domain/request-error.ts';

/** An authenticated caller, and the end of the credential. */
export interface Authentication {
  readonly caller: Caller;
  /** When time alone ends the credential; null: never. */
  readonly endsAt: Date | null;
  /**
   * Authenticates the same credential against the current state. Throws UNAUTHENTICATED with the reason if it has
   * ended.
   */
  reauthenticate(): Promise<Authentication>;
}

/** Why a credential is not valid. Only a caller who presents the whole credential gets a reason other than UNKNOWN. */
export type CredentialEnd =
  | 'UNKNOWN'
  | 'SESSION_ENDED'
  | 'ACCOUNT_DISABLED'
  | 'PORTAL_SESSION_ENDED'
  | 'ORIGIN_NOT_ALLOWED'
  | Exclude<KeyOutcome, 'VALID' | 'ACTION_UNKNOWN' | 'SCOPE_MISSING'>;
type KeyOutcome = keyof typeof outcomeMessages;

/** Returns why a credential is not valid, from an UNAUTHENTICATED error; null for any other error. */
export function credentialEnd(error: unknown): CredentialEnd | null {
  if (!(error instanceof RequestError) || error.code !== 'UNAUTHENTICATED') return null;
  return (error.details['outcome'] as CredentialEnd | undefined) ?? 'UNKNOWN';
}

/** Returns the error for a credential that is not valid. */
export function credentialError(outcome: CredentialEnd, message: string): RequestError {
  return unauthenticated(message, { outcome });
}
