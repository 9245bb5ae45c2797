import { GraphQLError } from 'graphql';
import { formatDuration, parseDuration } from '../domain/duration.ts';
import { formatInstant, parseInstant } from '../domain/instant.ts';
import { decodeCursor, encodeCursor } from '../log/cursor.ts';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description:
    'An instant, as RFC 3339 text with milliseconds, in UTC: 2026-11-23T21:00:00.000Z. As input any offset is accepted.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: formatInstant,
  parseValue: (value) => read(value, (text) => unwrap(parseInstant(text), 'at')),
});

builder.scalarType('Duration', {
  description:
    'A length of time, as ISO 8601 text of weeks, or of days, hours, minutes and seconds: P90D, P2W, PT15M; at most 100 years. Months and years are refused, because they differ in length.',
  serialize: formatDuration,
  parseValue: (value) => read(value, (text) => unwrap(parseDuration(text), 'ms')),
});

builder.scalarType('Cursor', {
  description: 'A position in the event log. Opaque: take it from an event or from logCursor.',
  serialize: encodeCursor,
  parseValue: (value) => read(value, decodeCursor),
});

builder.scalarType('JSON', {
  description: 'Any JSON value: an object, array, string, number, boolean or null.',
  serialize: (value) => value,
  parseValue: (value) => value,
});

function read<Value>(value: unknown, parse: (text: string) => Value): Value {
  if (typeof value !== 'string') throw new GraphQLError(`found ${typeof value}, expected a string`);
  try {
    return parse(value);
  } catch (error) {
    throw new GraphQLError(error instanceof Error ? error.message : 'malformed');
  }
}

function unwrap<Name extends string, Value>(
  parsed: { readonly [name in Name]: Value } | { readonly problem: string },
  name: Name,
): Value {
  if ('problem' in parsed) throw new GraphQLError(parsed.problem);
  return parsed[name];
}
