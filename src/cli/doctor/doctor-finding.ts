import type { ExitStatus } from '../exit-status.ts';

/** What one examination has found. */
export interface DoctorFinding {
  /** What was looked at. */
  readonly subject: string;
  readonly result: 'GOOD' | 'WARNING' | 'BAD';
  /** What was found, and, where it is bad, what to do. */
  readonly message: string;
  /** The status that a bad one means. */
  readonly status?: ExitStatus;
}
