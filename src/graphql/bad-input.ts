import { GraphQLError } from 'graphql';
import { redactMessage } from './redact-message.ts';

/** Longest message of graphql-js that is passed on, in characters: it may quote names as long as a request body. */
const MESSAGE_LENGTH_MAX = 500;

/**
 * Turns an error of graphql-js about the request (syntax, validation, variables, form) into BAD_USER_INPUT. The message
 * is redacted and cut to 500 characters. In closed mode it has no "Did you mean": suggestions would reveal the schema
 * to callers that may not read it.
 */
export function asBadInput(error: GraphQLError, isOpen: boolean): GraphQLError {
  const { nodes, source, positions, path } = error;
  const redacted = redactMessage(error).slice(0, 4 * MESSAGE_LENGTH_MAX);
  const message = isOpen ? redacted : redacted.replace(/ ?Did you mean .*?\?( Found|$)/s, '$1');
  // GraphQL over HTTP: a malformed document is 200 under application/json, but a malformed request is 4xx under any
  // type.
  const http = { ...((error.extensions['http'] as object | undefined) ?? { status: 400, spec: true }) };
  if (error.extensions['code'] === 'BAD_REQUEST') Object.assign(http, { spec: false });
  return new GraphQLError(message.length > MESSAGE_LENGTH_MAX ? `${message.slice(0, MESSAGE_LENGTH_MAX)}…` : message, {
    nodes,
    source,
    positions,
    path,
    extensions: { code: 'BAD_USER_INPUT', http },
  });
}
