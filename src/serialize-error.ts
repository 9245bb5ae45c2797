/** How many errors deep causes are followed. */
const CAUSES_MAX = 3;

/** What the log holds of an error. */
export interface SerializedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  /** Where it was thrown: frames alone, as the head of a stack repeats the message. */
  readonly stack: string;
  readonly cause?: SerializedError;
}

/**
 * An error as it may be logged. Of its own fields only the code, as others hold what was being done and with what. Of the
 * messages of Prisma and PostgreSQL, which repeat arguments and values, only what names operation, kind and place.
 */
export function serializeError(thrown: unknown, depth = 0): SerializedError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: 'What was thrown is no Error.', stack: '' };
  const { code } = thrown as NodeJS.ErrnoException;
  const cause: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown.cause;
  return {
    type: thrown.name,
    message: messageOf(thrown),
    ...(typeof code === 'string' && { code }),
    stack: framesOf(thrown),
    ...(cause instanceof Error && depth < CAUSES_MAX && { cause: serializeError(cause, depth + 1) }),
  };
}

function messageOf(error: Error & { code?: unknown; severity?: unknown }): string {
  if (error.name.startsWith('PrismaClient')) return prismaMessage(error);
  const isOfDatabase = typeof error.code === 'string' && error.severity !== undefined;
  return isOfDatabase ? withoutValues(String(error.code), error.message) : error.message;
}

/** What a Prisma error holds of the database's own words; the shape is the driver adapter's. */
interface PrismaError extends Error {
  readonly meta?: {
    readonly driverAdapterError?: { readonly cause?: { originalCode?: string; originalMessage?: string } };
  };
}

/** The operation (from the first line), then the database's words, or else the last line: between them stand arguments. */
function prismaMessage({ message, meta }: PrismaError): string {
  const [, operation = 'an operation'] = /^Invalid `([^`]*)` invocation/m.exec(message) ?? [];
  const { originalCode, originalMessage } = meta?.driverAdapterError?.cause ?? {};
  const said =
    originalCode === undefined || originalMessage === undefined
      ? message.trimEnd().split('\n').at(-1)
      : `${originalCode} ${withoutValues(originalCode, originalMessage)}`;
  return `${operation}: ${said}`;
}

/** In class 22, data exceptions, PostgreSQL quotes the value that it could not take; elsewhere only names. */
function withoutValues(sqlState: string, message: string): string {
  return sqlState.startsWith('22') ? message.replace(/".*"?/s, '"…"') : message;
}

function framesOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
