import { ClientError } from '../client/client-error.ts';

/** The exit statuses of all commands but `check`, from BSD sysexits.h. */
export const exitStatus = {
  /** Success, or there was nothing to do. */
  OK: 0,
  /** EX_USAGE: unknown or invalid arguments or options. */
  USAGE: 64,
  /** EX_DATAERR: the input data is invalid. */
  DATA: 65,
  /** EX_NOINPUT: an input file does not exist. */
  NO_INPUT: 66,
  /** EX_UNAVAILABLE: something that the command needs is unavailable, and a retry does not help. */
  UNAVAILABLE: 69,
  /** EX_SOFTWARE: a bug in this command. */
  SOFTWARE: 70,
  /** EX_CANTCREAT: an output file cannot be written. */
  CANNOT_CREATE: 73,
  /** EX_TEMPFAIL: a temporary failure; the same command may succeed later. */
  TEMPORARY: 75,
  /**
   * EX_PROTOCOL: a server responded with something that the command cannot use: it may be no gateway, or another
   * version.
   */
  PROTOCOL: 76,
  /** EX_NOPERM: the caller lacks permission, or a private file is accessible to other users. */
  NO_PERMISSION: 77,
  /** EX_CONFIG: a configuration file is invalid. */
  CONFIG: 78,
} as const;

/** The exit statuses of a monitoring plug-in (Monitoring Plugins Development Guidelines, "Plugin Return Codes"). */
export const monitorStatus = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;

export type MonitorStatus = keyof typeof monitorStatus;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus] | (typeof monitorStatus)[MonitorStatus];

/** Thrown by a command that cannot do its work: one sentence for the user, and an exit status for programs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: ExitStatus;

  constructor(status: ExitStatus, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}

/** Maps an error to its exit status. Returns null for a bug in this command, whose stack trace should be printed. */
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

/**
 * Returns the status to exit with after several operations: the first permanent failure, else the first temporary one,
 * else OK.
 */
export function pickWorstExitStatus(statuses: readonly ExitStatus[]): ExitStatus {
  const failures = statuses.filter((status) => status !== exitStatus.OK);
  return failures.find((status) => status !== exitStatus.TEMPORARY) ?? failures[0] ?? exitStatus.OK;
}
