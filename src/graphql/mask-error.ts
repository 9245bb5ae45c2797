import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { RequestError, requestErrorStatus, unavailable } from '../domain/request-error.ts';
import { isUnavailable } from '../store/unavailable.ts';

/**
 * What a caller sees of an error. What was meant for it stays as it is; a database that is away is UNAVAILABLE, to be asked
 * again; all else is a fault of ours: whole in the log, and outside only the request id that finds it there.
 */
export function maskError(error: unknown, requestId: string, logger: Pick<Logger, 'error'>): GraphQLError {
  const cause = error instanceof GraphQLError ? (error.originalError ?? null) : error;
  if (error instanceof GraphQLError && (cause === null || cause instanceof GraphQLError)) return asBadInput(error);
  const told = cause instanceof RequestError ? cause : asUnavailable(cause);
  const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  if (told !== null) return shown(told, place);
  logger.error({ err: cause, requestId }, 'an operation failed');
  return new GraphQLError('Something went wrong here. Tell us the request id.', {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
  });
}

/** A refusal as GraphQL tells it. */
export function shown(
  error: RequestError,
  place: { nodes?: GraphQLError['nodes']; path?: GraphQLError['path'] } = {},
): GraphQLError {
  const { code, details, message } = error;
  const headers = 'retryAfter' in details ? { 'Retry-After': String(details['retryAfter']) } : {};
  const http = { status: requestErrorStatus[code], headers };
  return new GraphQLError(message, { ...place, extensions: { code, ...details, http } });
}

/** Syntax, validation and variables: malformed. Suggestions would tell the schema to those who may not read it. */
function asBadInput(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ ?Did you mean .*\?$/s, '');
  const isCoded = error.extensions['code'] !== undefined && !String(error.extensions['code']).startsWith('GRAPHQL_');
  const extensions = { ...error.extensions, ...(isCoded ? {} : { code: 'BAD_USER_INPUT' }) };
  return new GraphQLError(message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
    extensions,
  });
}

function asUnavailable(cause: unknown): RequestError | null {
  return isUnavailable(cause) ? unavailable('The database cannot be reached right now. Ask again.') : null;
}
