/** Maximum depth of causes. */
const CAUSE_DEPTH_MAX = 3;

/** An error as it is logged. */
export interface SerializedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  /** Stack frames only, because the head of a stack repeats the message. */
  readonly stack: string;
  readonly cause?: SerializedError;
}

/**
 * Returns an error in the form in which it may be logged. Drops all custom fields except the code, because they hold
 * operations and data. Messages of Prisma and PostgreSQL, which repeat arguments and values, are reduced to the
 * operation and the kind and place of the error.
 */
export function serializeError(thrown: unknown, depth = 0): SerializedError {
  if (!(thrown instanceof Error))
    return { type: typeof thrown, message: 'The thrown value is not an Error.', stack: '' };
  const { code } = thrown as NodeJS.ErrnoException;
  const cause: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown.cause;
  return {
    type: thrown.name,
    message: messageOf(thrown),
    ...(typeof code === 'string' && { code }),
    stack: framesOf(thrown),
    ...(cause instanceof Error && depth < CAUSE_DEPTH_MAX && { cause: serializeError(cause, depth + 1) }),
  };
}

function messageOf(error: Error & { code?: unknown; severity?: unknown }): string {
  if (error.name.startsWith('PrismaClient')) return prismaMessage(error);
  const isDatabaseError = typeof error.code === 'string' && error.severity !== undefined;
  return isDatabaseError ? withoutValues(String(error.code), error.message) : error.message;
}

/** A Prisma error with the database's own message, in the shape of the driver adapter. */
interface PrismaError extends Error {
  readonly meta?: {
    readonly driverAdapterError?: { readonly cause?: { originalCode?: string; originalMessage?: string } };
  };
}

/**
 * Returns the operation (from the first line), and the database's message or else the last line. Arguments are in
 * between.
 */
function prismaMessage({ message, meta }: PrismaError): string {
  const [, operation = 'an operation'] = /^Invalid `([^`]*)` invocation/m.exec(message) ?? [];
  const { originalCode, originalMessage } = meta?.driverAdapterError?.cause ?? {};
  const databaseMessage =
    originalCode === undefined || originalMessage === undefined
      ? message.trimEnd().split('\n').at(-1)
      : `${originalCode} ${withoutValues(originalCode, originalMessage)}`;
  return `${operation}: ${databaseMessage}`;
}

/**
 * Removes quoted values. PostgreSQL quotes values in class 22 (data exceptions) only; elsewhere it quotes only names.
 */
function withoutValues(sqlState: string, message: string): string {
  return sqlState.startsWith('22') ? message.replace(/".*"?/s, '"…"') : message;
}

function framesOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
