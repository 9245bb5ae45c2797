import { GraphQLError } from 'graphql';
import { redact } from '../logging/redact.ts';

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

/** Names of fields whose values are never repeated in a message. */
const SECRET_NAME = String.raw`(?:\w*password|secret|token|idempotencyKey|authorization)`;

/**
 * A message of graphql-js about a place in a variable. The match is greedy: the quoted value may contain the same
 * words.
 */
const invalidVariable = /^(Variable "\$\w+") got invalid value .* at "([\w.[\]]+)"; /s;
const secretPlace = new RegExp(`${SECRET_NAME}(?:[.[].*)?$`, 'i');
/** A field of a printed object, for example password: "…", with or without quotes around name and value. */
const printedField = new RegExp(String.raw`("?\b${SECRET_NAME}"?\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[^\s,{}[\]"]+)`, 'gi');
const beforeValue = new RegExp(String.raw`\b${SECRET_NAME}\s*:\s*$`, 'i');
/** A string that the parser did not expect. */
const unexpectedText = /((?:found|Unexpected) (?:Block)?String) ".*"/s;

/**
 * Returns the message of an error about a malformed operation with its secrets redacted: values of fields that hold
 * secrets, strings that the parser did not expect, and anything of the form of a secret. Clients print errors into
 * logs.
 */
function redactMessage({ message, source, positions }: GraphQLError): string {
  const [, variable, place] = invalidVariable.exec(message) ?? [];
  if (place !== undefined && secretPlace.test(place)) {
    return `${variable} got an invalid value at "${place}". The value is not repeated here, because it may be secret.`;
  }
  const before = source?.body.slice(0, positions?.[0] ?? 0) ?? '';
  if (beforeValue.test(before))
    return 'The value at this place has the wrong type. The value is not repeated here, because it may be secret.';
  return redact(message.replace(unexpectedText, '$1').replace(printedField, '$1[secret]'));
}
