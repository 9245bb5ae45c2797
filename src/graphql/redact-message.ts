import type { GraphQLError } from 'graphql';
import { redact } from '../logging/redact.ts';

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
export function redactMessage({ message, source, positions }: GraphQLError): string {
  const [, variable, place] = invalidVariable.exec(message) ?? [];
  if (place !== undefined && secretPlace.test(place)) {
    return `${variable} got an invalid value at "${place}". The value is not repeated here, because it may be secret.`;
  }
  const before = source?.body.slice(0, positions?.[0] ?? 0) ?? '';
  if (beforeValue.test(before))
    return 'The value at this place has the wrong type. The value is not repeated here, because it may be secret.';
  return redact(message.replace(unexpectedText, '$1').replace(printedField, '$1[secret]'));
}
