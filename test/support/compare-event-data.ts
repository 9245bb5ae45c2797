import { eventFields } from '../../src/domain/event-detail.ts';
import type { EventType } from '../../src/domain/event.ts';
import type { Fields, Kind } from '../../src/domain/event-field.ts';

type Data = { readonly [name: string]: unknown };

/** Returns the selection of all fields of the detail of a type of event. */
export function selectDetail(type: EventType): string {
  return selectFields(eventFields[type]);
}

function selectFields(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, { kind }]) => {
      const inner = fieldsOf(kind);
      return inner === null ? name : `${name} { ${selectFields(inner)} }`;
    })
    .join(' ');
}

/** Returns the detail that an event's data gives by the table: what is missing is null. */
export function expectedDetail(type: EventType, data: unknown): Data {
  return expectedFields(eventFields[type], data as Data);
}

function expectedFields(fields: Fields, data: Data): Data {
  const entries = Object.entries(fields).map(([name, { kind }]) => [name, expectedValue(kind, data[name] ?? null)]);
  return Object.fromEntries(entries) as Data;
}

function expectedValue(kind: Kind, value: unknown): unknown {
  const inner = fieldsOf(kind);
  if (inner === null || value === null) return value;
  return Array.isArray(value)
    ? value.map((one) => expectedFields(inner, one as Data))
    : expectedFields(inner, value as Data);
}

/** Returns how the data of a new event differs from the table: unknown fields, and missing ones that must be recorded. */
export function findDifferences(type: EventType, data: unknown): string[] {
  return differencesOf(eventFields[type], data as Data, type);
}

function differencesOf(fields: Fields, data: Data, place: string): string[] {
  const unknown = Object.keys(data).filter((name) => !Object.hasOwn(fields, name));
  const missing = Object.entries(fields).filter(([name, { presence }]) => {
    return presence === 'nullable'
      ? !Object.hasOwn(data, name)
      : presence !== 'optional' && (data[name] === undefined || data[name] === null);
  });
  const nested = Object.entries(fields).flatMap(([name, { kind }]) => {
    const inner = fieldsOf(kind);
    const values = [data[name] ?? []].flat() as Data[];
    return inner === null ? [] : values.flatMap((value) => differencesOf(inner, value, `${place}.${name}`));
  });
  return [
    ...unknown.map((name) => `${place}.${name} is not in the table`),
    ...missing.map(([name]) => `${place}.${name} is missing`),
    ...nested,
  ];
}

/** Returns the fields of an object, or of the objects in a list; null for other kinds. */
function fieldsOf(kind: Kind): Fields | null {
  if (typeof kind === 'string' || kind.kind === 'choice') return null;
  return kind.kind === 'list' ? fieldsOf(kind.of as Kind) : (kind.fields as Fields);
}
