import type { GraphQLError } from 'graphql';
import { redact } from '../redact.ts';

/** Arguments that hold what must not be repeated, whatever it looks like. */
const SECRET_NAME = String.raw`(?:\w*password|secret|token|idempotencyKey|authorization)`;

/** GraphQL's words on a place in a variable. What they quote of it may have such words in it: the last ones count. */
const invalidVariable = /^(Variable "\$\w+") got invalid value .* at "([\w.[\]]+)"; /s;
const secretPlace = new RegExp(`${SECRET_NAME}(?:[.[].*)?$`, 'i');
/** A field as an object prints: password: "…", also with quotes around its name; and with a value that is no text. */
const printedField = new RegExp(String.raw`("?\b${SECRET_NAME}"?\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[^\s,{}[\]"]+)`, 'gi');
const beforeValue = new RegExp(String.raw`\b${SECRET_NAME}\s*:\s*$`, 'i');
/** A text that the parser did not expect where it stood. */
const unexpectedText = /((?:found|Unexpected) (?:Block)?String) ".*"/s;

/**
 * The message of a malformed operation, without what it may repeat of it: the values of fields that are made for secrets,
 * texts where the parser expected none, and whatever has the looks of a secret. Callers print errors into logs.
 */
export function redactMessage({ message, source, positions }: GraphQLError): string {
  const [, variable, place] = invalidVariable.exec(message) ?? [];
  if (place !== undefined && secretPlace.test(place)) {
    return `${variable} got an invalid value at "${place}"; it is not repeated here.`;
  }
  const before = source?.body.slice(0, positions?.[0] ?? 0) ?? '';
  if (beforeValue.test(before)) return 'The value that stands there is not of its type; it is not repeated here.';
  return redact(message.replace(unexpectedText, '$1').replace(printedField, '$1[secret]'));
}
