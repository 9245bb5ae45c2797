import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { RequestError, requestErrorStatus } from '../domain/request-error.ts';
import { errorHeaders } from '../http/responses.ts';
import { redact } from '../logging/redact.ts';
import { toRequestError } from '../store/unavailable.ts';
import { asBadInput } from './bad-input.ts';

/**
 * Returns the form of an error that callers may see. An error made for callers stays as it is. An unavailable
 * database becomes UNAVAILABLE, which callers retry. Everything else is an internal error: it is logged in full, and
 * the caller gets INTERNAL_SERVER_ERROR with the request id that finds the log entry. In open mode messages of graphql-js
 * keep their suggestions.
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
  const visible = toRequestError(cause);
  if (visible instanceof RequestError) return toGraphQLError(visible, place);
  logger.error({ err: cause, requestId }, 'operation failed');
  return new GraphQLError('Internal error. Report the request id to the operator of this gateway.', {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId, http: { status: 500, spec: false } },
  });
}

/** Masks the errors of validation, and of variables when a subscription starts. */
export function useMaskedValidation(mask: (error: unknown) => GraphQLError): Plugin {
  return {
    // Variables of a subscription are checked only when it subscribes.
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

/** Converts a refusal to a GraphQL error, with the HTTP status of its code under any response type. */
export function toGraphQLError(
  error: RequestError,
  place: { nodes?: GraphQLError['nodes']; path?: GraphQLError['path'] } = {},
): GraphQLError {
  const { code, details, message } = error;
  const http = { status: requestErrorStatus[code], headers: errorHeaders(error), spec: false };
  // The message may quote input, and so a secret that was sent in the wrong field.
  return new GraphQLError(redact(message), { ...place, extensions: { code, ...details, http } });
}

/**
 * Whether an error is already in the form for callers. Errors about variables are not, although Yoga gives them a code.
 */
function isAlreadyMasked({ message, extensions: { code } }: GraphQLError): boolean {
  if (typeof code !== 'string' || message.startsWith('Variable "$')) return false;
  return Object.hasOwn(requestErrorStatus, code) || code === 'INTERNAL_SERVER_ERROR';
}

/** Unwraps the error that was thrown originally from the GraphQL errors around it. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError != null) cause = cause.originalError;
  return cause;
}

/**
 * Whether an error of graphql-js itself is about the request. An error at a field is about our result, unless it is
 * about an argument, which graphql-js coerces only when the field runs.
 */
function isCallerMistake({ path, message }: GraphQLError): boolean {
  return path === undefined || message.startsWith('Argument "');
}
