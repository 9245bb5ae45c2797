import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { RequestError, requestErrorStatus } from '../domain/request-error.ts';
import { redact } from '../redact.ts';
import { toRequestError } from '../store/unavailable.ts';
import { asBadInput } from './bad-input.ts';

/**
 * What a caller sees of an error. What was meant for it stays as it is; a database that is away is UNAVAILABLE, to be asked
 * again; all else is a fault of ours: whole in the log, and outside only the request id that finds it there. In open mode
 * GraphQL may suggest what the schema holds.
 */
export function maskError(
  error: unknown,
  requestId: string,
  logger: Pick<Logger, 'error'>,
  isOpen = false,
): GraphQLError {
  const cause = causeOf(error);
  if (error instanceof GraphQLError && cause instanceof GraphQLError) {
    if (isAlreadyMasked(error)) return error;
    if (isCallerMistake(error)) return asBadInput(error, isOpen);
  }
  const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  const told = toRequestError(cause);
  if (told instanceof RequestError) return toGraphQLError(told, place);
  logger.error({ err: cause, requestId }, 'an operation failed');
  return new GraphQLError('Something went wrong here. Tell us the request id.', {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId, http: { status: 500, spec: false } },
  });
}

/** The same for what is found before an operation runs. */
export function useMaskedValidation(mask: (error: unknown) => GraphQLError): Plugin {
  return {
    // A subscription whose variables do not fit is refused when it subscribes.
    onSubscribe: () => ({
      onSubscribeResult({ result, setResult }) {
        if ('errors' in result && result.errors) setResult({ ...result, errors: result.errors.map(mask) });
      },
    }),
    onValidate:
      () =>
      ({ valid, result, setResult }) => {
        if (!valid) setResult(result.map(mask));
      },
  };
}

/** A refusal as GraphQL tells it; over HTTP with its own status, whatever type of answer was asked for. */
export function toGraphQLError(
  error: RequestError,
  place: { nodes?: GraphQLError['nodes']; path?: GraphQLError['path'] } = {},
): GraphQLError {
  const { code, details, message } = error;
  const headers = 'retryAfter' in details ? { 'Retry-After': String(details['retryAfter']) } : {};
  const http = { status: requestErrorStatus[code], headers, spec: false };
  // What it quotes of the input may be a secret in the wrong place.
  return new GraphQLError(redact(message), { ...place, extensions: { code, ...details, http } });
}

/** Whether an error has been made for callers already. Yoga gives its code to what GraphQL says of variables, which has not. */
function isAlreadyMasked({ message, extensions: { code } }: GraphQLError): boolean {
  if (typeof code !== 'string' || message.startsWith('Variable "$')) return false;
  return Object.hasOwn(requestErrorStatus, code) || code === 'INTERNAL_SERVER_ERROR';
}

/** What was thrown in the first place; errors of GraphQL stand around it. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError != null) cause = cause.originalError;
  return cause;
}

/**
 * Whether an error of GraphQL itself is about the request. Those at a field are about what we answered there, but for its
 * arguments: what variables make of them is known only then.
 */
function isCallerMistake({ path, message }: GraphQLError): boolean {
  return path === undefined || message.startsWith('Argument "');
}
