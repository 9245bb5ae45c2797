import { parseDuration } from './duration.ts';
import type { Json } from './event.ts';
import { parseInstant } from './instant.ts';

/** A simple kind of value, by its JSON form: instants are RFC 3339 text, durations ISO 8601 text, cursors opaque text. */
export type SimpleKind = 'text' | 'id' | 'integer' | 'boolean' | 'instant' | 'duration' | 'cursor' | 'json';

/** One of a fixed set of texts: the values of the GraphQL enum `name`. */
export interface Choice<Value extends string = string> {
  readonly kind: 'choice';
  readonly name: string;
  readonly values: readonly Value[];
}

export interface ListOf<Of extends Kind = Kind> {
  readonly kind: 'list';
  readonly of: Of;
}

/** An object with the fields of the GraphQL type `name`. */
export interface ObjectOf<F extends Fields = Fields> {
  readonly kind: 'object';
  readonly name: string;
  readonly description: string;
  readonly fields: F;
}

/** The kind of value that a field has. */
// oxlint-disable-next-line typescript/no-explicit-any -- a kind contains kinds
export type Kind = SimpleKind | Choice<any> | ListOf<any> | ObjectOf<any>;

/**
 * Whether a field has a value.
 *
 * - `always`: in every event, also in those of earlier releases. Not null in GraphQL.
 * - `recorded`: in every new event. Nullable in GraphQL, because events of earlier releases lack the field, or because
 *   another event type has a nullable field of this name: an operation can select both fields only if their types are
 *   equal.
 * - `nullable`: in every new event, as a value or null.
 * - `optional`: may be missing.
 */
export type Presence = 'always' | 'recorded' | 'nullable' | 'optional';

export interface Field<K extends Kind = Kind, P extends Presence = Presence> {
  readonly kind: K;
  readonly presence: P;
  /** For the schema. */
  readonly description: string;
}

export interface Fields {
  readonly [name: string]: Field;
}

type SimpleValue<K extends SimpleKind> = K extends 'integer'
  ? number
  : K extends 'boolean'
    ? boolean
    : K extends 'json'
      ? Json
      : string;

type ValueOf<K> = K extends SimpleKind
  ? SimpleValue<K>
  : K extends Choice<infer Value>
    ? Value
    : K extends ListOf<infer Of>
      ? readonly ValueOf<Of>[]
      : K extends ObjectOf<infer F>
        ? ValuesOf<F>
        : never;

type Optional<F extends Fields> = { [Name in keyof F]: F[Name]['presence'] extends 'optional' ? Name : never }[keyof F];

/** The JSON object that fields describe. */
export type ValuesOf<F extends Fields> = {
  readonly [Name in Exclude<keyof F, Optional<F>>]:
    ValueOf<F[Name]['kind']> | (F[Name]['presence'] extends 'nullable' ? null : never);
} & { readonly [Name in Optional<F>]?: ValueOf<F[Name]['kind']> | null };

function fieldOf<P extends Presence>(presence: P) {
  return <const K extends Kind>(kind: K, description: string): Field<K, P> => ({ kind, presence, description });
}

export const always = fieldOf('always');
export const recorded = fieldOf('recorded');
export const nullable = fieldOf('nullable');
export const optional = fieldOf('optional');

export function choice<const Value extends string>(name: string, values: readonly Value[]): Choice<Value> {
  return { kind: 'choice', name, values };
}

export function listOf<const Of extends Kind>(of: Of): ListOf<Of> {
  return { kind: 'list', of };
}

export function objectOf<const F extends Fields>(name: string, description: string, fields: F): ObjectOf<F> {
  return { kind: 'object', name, description, fields };
}

/** The values of fields, as read from a stored event: instants are dates, durations are in milliseconds. */
export interface ReadValues {
  readonly [name: string]: unknown;
}

/**
 * Reads the values of fields from stored JSON. A missing or malformed value is null. Returns null if a value
 * whose presence is `always` is null.
 */
export function readFields(fields: Fields, stored: unknown): ReadValues | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const values: { [name: string]: unknown } = {};
  for (const [name, { kind, presence }] of Object.entries(fields)) {
    const value = Object.hasOwn(stored, name) ? readValue(kind, (stored as ReadValues)[name]) : null;
    if (value === null && presence === 'always') return null;
    values[name] = value;
  }
  return values;
}

function readValue(kind: Kind, stored: unknown): unknown {
  if (stored === null || stored === undefined) return null;
  if (typeof kind === 'string') return readSimple(kind, stored);
  switch (kind.kind) {
    case 'choice':
      return kind.values.includes(stored) ? stored : null;
    case 'list': {
      const read = Array.isArray(stored) ? stored.map((one) => readValue(kind.of, one)) : null;
      return read?.includes(null) ? null : read;
    }
    case 'object':
      return readFields(kind.fields, stored);
  }
}

function readSimple(kind: SimpleKind, stored: unknown): unknown {
  if (kind === 'json') return stored;
  if (kind === 'boolean') return typeof stored === 'boolean' ? stored : null;
  if (kind === 'integer') return isInt32(stored) ? stored : null;
  if (typeof stored !== 'string') return null;
  if (kind === 'instant') {
    const parsed = parseInstant(stored);
    return 'at' in parsed ? parsed.at : null;
  }
  if (kind === 'duration') {
    const parsed = parseDuration(stored);
    return 'ms' in parsed ? parsed.ms : null;
  }
  return stored;
}

/** Whether a value is an Int of GraphQL: an integer of 32 bits. */
function isInt32(value: unknown): value is number {
  return Number.isInteger(value) && Object.is((value as number) | 0, value);
}
