import type { ExitStatus } from '../exit-status.ts';

/** The result of one check of `keytide doctor`. */
export interface DoctorFinding {
  /** What was checked. */
  readonly subject: string;
  readonly result: 'GOOD' | 'WARNING' | 'BAD';
  /** What was found and, if it is bad, what to do. */
  readonly message: string;
  /** The exit status of a bad finding. */
  readonly status?: ExitStatus;
}
