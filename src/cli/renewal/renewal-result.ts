import type { OwnKeyWarning } from '../../client/own-key.ts';
import type { ExitStatus } from '../exit-status.ts';

/** What a run did with a key. */
export type RenewalOutcome =
  /** Nothing was due. */
  | 'NOT_DUE'
  /** The expiry was extended; the secret is unchanged. */
  | 'RENEWED'
  /**
   * The key has a new secret, which is deployed to all places. The old secret has retired, except if another machine
   * started the rotation.
   */
  | 'ROTATED'
  /** The new secret is in all places. The old one stays valid until the proof is complete or the grace period ends. */
  | 'WAITING'
  /** The rotation was rolled back: the old secret is in its places again and stays current. */
  | 'TAKEN_BACK'
  /** `--dry-run`: what would be done. */
  | 'WOULD_RENEW'
  | 'WOULD_ROTATE'
  | 'WOULD_GO_ON'
  /** The gateway could not be reached. */
  | 'UNREACHABLE'
  /** The renewal failed; the message says what state it left. */
  | 'FAILED';

/** The result for a key: outcome, message and exit status. Instants are RFC 3339 in UTC. */
export interface RenewalResult {
  readonly outcome: RenewalOutcome;
  readonly message: string;
  readonly status: ExitStatus;
  readonly stopsAt: string | null;
  /** Announced changes that will stop the key. Missing: there are none, or the gateway did not say. */
  readonly warnings?: readonly OwnKeyWarning[];
}
