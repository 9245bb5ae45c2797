import { ClientError } from '../client/client-error.ts';

/** The statuses that a command ends with, after sysexits.h of BSD. */
export const exitStatus = {
  /** Done, or nothing was to be done. */
  OK: 0,
  /** EX_USAGE: the command was called in a way that it does not understand. */
  USAGE: 64,
  /** EX_DATAERR: what was given to it is wrong. */
  DATA: 65,
  /** EX_NOINPUT: a file that it was to read is not there. */
  NO_INPUT: 66,
  /** EX_UNAVAILABLE: something that it needs is not to be had, and asking again does not help. */
  UNAVAILABLE: 69,
  /** EX_SOFTWARE: a fault of ours. */
  SOFTWARE: 70,
  /** EX_CANTCREAT: a file cannot be written. */
  CANNOT_CREATE: 73,
  /** EX_TEMPFAIL: not now; the same command may succeed later. */
  TEMPORARY: 75,
  /** EX_PROTOCOL: who answered is no gateway, or one of another version. */
  PROTOCOL: 76,
  /** EX_NOPERM: who asks may not, or a file is open to others. */
  NO_PERMISSION: 77,
  /** EX_CONFIG: the configuration is wrong. */
  CONFIG: 78,
} as const;

/** What a plug-in of monitoring ends with instead (Monitoring Plugins Development Guidelines, "Plugin Return Codes"). */
export const monitorStatus = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;

export type MonitorStatus = keyof typeof monitorStatus;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus] | (typeof monitorStatus)[MonitorStatus];

/** What a command ends with that cannot do its work: one sentence for whoever called it, and a status for programs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: ExitStatus;

  constructor(status: ExitStatus, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}

/** The status that an error means; null: a fault of ours, whose stack is worth showing. */
export function toExitStatus(error: unknown): ExitStatus | null {
  if (error instanceof CommandError) return error.status;
  if (!(error instanceof ClientError)) return null;
  switch (error.kind) {
    case 'UNREACHABLE':
    case 'UNAVAILABLE':
      return exitStatus.TEMPORARY;
    case 'UNREADABLE':
      return exitStatus.PROTOCOL;
    case 'FAILED':
      return exitStatus.UNAVAILABLE;
    case 'REFUSED':
      return error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN' || error.code === 'NOT_A_KEY'
        ? exitStatus.NO_PERMISSION
        : exitStatus.DATA;
  }
}

/** Of several statuses the one that a person has to know: one that asking again does not mend before one that it does. */
export function pickWorstExitStatus(statuses: readonly ExitStatus[]): ExitStatus {
  const bad = statuses.filter((status) => status !== exitStatus.OK);
  return bad.find((status) => status !== exitStatus.TEMPORARY) ?? bad[0] ?? exitStatus.OK;
}
