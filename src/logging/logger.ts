import { pino, stdTimeFunctions, type Level, type LogFn, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { serializeError } from './serialize-error.ts';
import { LogSink } from './log-sink.ts';

/** Fields that are always redacted, on the first four levels of an entry. */
const redactedFields = ['authorization', 'cookie', 'digest', 'password', 'passwordHash', 'secret', 'token'];
const redactedPaths = ['', '*.', '*.*.', '*.*.*.'].flatMap((parents) =>
  redactedFields.map((name) => `${parents}${name}`),
);

export interface LoggerOptions {
  readonly level: Level | 'silent';
  /** Null: pretty on a terminal, otherwise JSON. */
  readonly format: 'json' | 'pretty' | null;
  readonly isTerminal: boolean;
  /** Whether pretty entries are colored. */
  readonly isColored: boolean;
  /** Writes entries, each with its line break, synchronously, so that entries before a crash are not lost. */
  readonly write: (entries: string) => void;
}

const sinks = new WeakMap<Logger, LogSink>();

/**
 * Creates the log: one JSON object a line (time in ISO 8601, level by name, message, fields), or pretty lines. Entries
 * hold no secrets: known fields are redacted, errors are reduced to what may be logged, and the finished line is
 * redacted by patterns.
 */
export function createLogger({ level, format, isTerminal, isColored, write }: LoggerOptions): Logger {
  const isPretty = format === 'pretty' || (format === null && isTerminal);
  const pretty = prettyFactory({ colorize: isColored, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid' });
  const sink = new LogSink({ write, format: isPretty ? pretty : (line) => line });
  const logger = pino(
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
    sink,
  );
  sinks.set(logger, sink);
  return logger;
}

/** Returns where the entries of a log go that `createLogger` created. */
export function sinkOf(logger: Logger): LogSink {
  const sink = sinks.get(logger);
  if (sink === undefined) throw new Error('The logger was not created by createLogger.');
  return sink;
}

/** Adds a message to an entry's arguments: pino would use an error's own message, unredacted. */
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
