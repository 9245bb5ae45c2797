import type { ExitStatus } from '../exit-status.ts';

/** What became of a key in a run. */
export type RenewalOutcome =
  /** Nothing was to be done. */
  | 'NOT_DUE'
  /** Its expiry has moved out; the secret stays. */
  | 'RENEWED'
  /** It has a new secret, which is proved; the old one has retired, unless it was somebody else's rotation. */
  | 'ROTATED'
  /** The new secret is in all its places; the old one stays until the proof is there or its grace is over. */
  | 'WAITING'
  /** A place could not be reached in time: the old secret is back in the others, and stays. */
  | 'TAKEN_BACK'
  /** By --dry-run: what would be done. */
  | 'WOULD_RENEW'
  | 'WOULD_ROTATE'
  | 'WOULD_GO_ON'
  /** The gateway could not be asked. */
  | 'UNREACHABLE'
  /** It did not succeed; the message says what is left as it was. */
  | 'FAILED';

/** The outcome, in words too, with the status that it means. Instants are RFC 3339 in UTC. */
export interface RenewalResult {
  readonly outcome: RenewalOutcome;
  readonly message: string;
  readonly status: ExitStatus;
  readonly stopsAt: string | null;
}
