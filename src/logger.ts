import { pino, stdTimeFunctions, type Level, type LogFn, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { serializeError } from './serialize-error.ts';
import { redact } from './redact.ts';

/** Fields that are never written, whatever is in them, on the first levels of an entry. */
const redactedFields = ['authorization', 'cookie', 'digest', 'password', 'passwordHash', 'secret', 'token'];
const redactedPaths = ['', '*.', '*.*.', '*.*.*.'].flatMap((parents) =>
  redactedFields.map((name) => `${parents}${name}`),
);

export interface LoggerOptions {
  readonly level: Level | 'silent';
  /** Null: pretty on a terminal, else JSON. */
  readonly format: 'json' | 'pretty' | null;
  readonly isTerminal: boolean;
  /** Whether a terminal wants colours. */
  readonly isColored: boolean;
  /** Takes one entry with its line end, at once: what was logged before a crash is written. */
  readonly write: (entry: string) => void;
}

/**
 * The log: one JSON object a line (time in ISO 8601, level by name, message, fields), or lines for people. Entries hold
 * no secrets: known fields are hidden, errors are reduced to what may be told, and the finished line is scrubbed.
 */
export function createLogger({ level, format, isTerminal, isColored, write }: LoggerOptions): Logger {
  const isPretty = format === 'pretty' || (format === null && isTerminal);
  const pretty = prettyFactory({ colorize: isColored, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid' });
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      hooks: {
        logMethod(args, method) {
          method.apply(this, withMessage(args));
        },
      },
      redact: { paths: redactedPaths, censor: '[secret]' },
    },
    { write: (line: string) => write(isPretty ? pretty(redact(line)) : redact(line)) },
  );
}

/** An entry's arguments, with a message: pino would take an error's own, as it is. */
function withMessage(args: readonly unknown[]): Parameters<LogFn> {
  const [first, message, ...rest] = args;
  const fields = first instanceof Error ? { err: first } : first;
  const thrown = typeof fields === 'object' && fields !== null && 'err' in fields ? fields.err : undefined;
  return [
    fields,
    message ?? (thrown instanceof Error ? serializeError(thrown).message : undefined),
    ...rest,
  ] as Parameters<LogFn>;
}
