import { GraphQLError } from 'graphql';
import { redactMessage } from './redact-message.ts';

/** How much is told of a message of GraphQL's own: names in it may be as long as a body. */
const MESSAGE_LENGTH_MAX = 500;

/**
 * Syntax, validation, variables and the form of a request: malformed. GraphQL's own words, without what must not be
 * repeated and, in closed mode, without suggestions: they would tell the schema to those who may not read it.
 */
export function asBadInput(error: GraphQLError, isOpen: boolean): GraphQLError {
  const { nodes, source, positions, path } = error;
  const said = redactMessage(error).slice(0, 4 * MESSAGE_LENGTH_MAX);
  const message = isOpen ? said : said.replace(/ ?Did you mean .*?\?( Found|$)/s, '$1');
  // A document that is wrong is 200 for application/json; what is no request of GraphQL is 4xx whatever was asked for.
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
