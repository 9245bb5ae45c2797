import { describeDuration, parseDuration } from '../../../domain/duration.ts';

/** A JSON Schema as it arrives: a module may have written anything into it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A member of a configuration. */
export interface ConfigMember {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/** The kind of field that a value has in a form. A value that fits no other kind has a field for JSON. */
export type FieldShape =
  | { readonly kind: 'DURATION' | 'SHARE' | 'BOOLEAN' | 'MOMENT' | 'TEXT' | 'JSON' }
  | { readonly kind: 'NUMBER'; readonly isInteger: boolean }
  | { readonly kind: 'CONSTANT'; readonly value: unknown }
  | { readonly kind: 'CHOICE'; readonly choices: readonly unknown[] }
  | { readonly kind: 'OBJECT'; readonly members: readonly ConfigMember[] }
  | { readonly kind: 'LIST'; readonly item: JsonSchema }
  | { readonly kind: 'NULLABLE'; readonly inner: JsonSchema; readonly nullMeans: string | null }
  | { readonly kind: 'UNION'; readonly alternatives: readonly JsonSchema[] };

export function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the kind of field that a value of a schema has. */
export function fieldShapeOf(schema: JsonSchema): FieldShape {
  const { type, format, enum: choices, minimum, exclusiveMinimum, maximum, properties, items } = schema;
  const alternatives = listOf(schema['anyOf'] ?? schema['oneOf']).filter(isObject);
  if (alternatives.length > 0) return unionOf(alternatives);
  if (Array.isArray(type)) return unionOf(type.map((one: unknown) => ({ ...schema, type: one })));
  if ('const' in schema) return { kind: 'CONSTANT', value: schema['const'] };
  if (Array.isArray(choices)) return { kind: 'CHOICE', choices };
  switch (type) {
    case 'string':
      return { kind: format === 'duration' ? 'DURATION' : format === 'date-time' ? 'MOMENT' : 'TEXT' };
    case 'number':
      return maximum === 1 && (minimum === 0 || exclusiveMinimum === 0)
        ? { kind: 'SHARE' }
        : { kind: 'NUMBER', isInteger: false };
    case 'integer':
      return { kind: 'NUMBER', isInteger: true };
    case 'boolean':
      return { kind: 'BOOLEAN' };
    case 'array':
      return isObject(items) ? { kind: 'LIST', item: items } : { kind: 'JSON' };
    case 'object':
      return isObject(properties) ? { kind: 'OBJECT', members: membersOf(schema) } : { kind: 'JSON' };
    default:
      return { kind: 'JSON' };
  }
}

function unionOf(alternatives: readonly JsonSchema[]): FieldShape {
  const isNull = ({ type, const: constant }: JsonSchema) => type === 'null' || constant === null;
  const nothing = alternatives.find(isNull);
  const others = alternatives.filter((one) => !isNull(one));
  const [first] = others;
  if (first === undefined) return { kind: 'JSON' };
  if (nothing !== undefined) {
    const inner = others.length === 1 ? first : { anyOf: others };
    return { kind: 'NULLABLE', inner, nullMeans: textOf(nothing['description']) };
  }
  if (others.length === 1) return fieldShapeOf(first);
  if (others.every((one) => 'const' in one)) return { kind: 'CHOICE', choices: others.map((one) => one['const']) };
  return { kind: 'UNION', alternatives: others };
}

/** Returns the members of an object by their names, in the order of the schema. */
export function membersOf({ properties, required }: JsonSchema): ConfigMember[] {
  if (!isObject(properties)) return [];
  const names = listOf(required);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    schema: isObject(schema) ? schema : {},
    isRequired: names.includes(name),
  }));
}

/** Returns the title of a member: "Hold after" for holdAfter, unless its author gave another. */
export function titleOf({ name, schema }: Pick<ConfigMember, 'name' | 'schema'>): string {
  const words = name
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return textOf(schema['title']) ?? words.replace(/^./, (letter) => letter.toUpperCase());
}

/** The description that the gateway writes where the author wrote none: its bounds are shown in words. */
const boundsDescription = /^From P\w+ to P\w+\.$/;

/** Returns what the author wrote about a member, its bounds, and what holds if it is left alone. */
export function hintOf(schema: JsonSchema): string {
  const description = textOf(schema['description']);
  const sentences = [
    description === null || boundsDescription.test(description) ? '' : withDurationsInWords(description),
    boundsOf(schema),
    'default' in schema ? `Default: ${describeValue(schema, schema['default'])}` : '',
  ];
  return sentences
    .filter((sentence) => sentence !== '')
    .map((sentence) => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`))
    .join(' ');
}

/** Returns the bounds of a value in words; an empty text: it has none. */
function boundsOf(schema: JsonSchema): string {
  const shape = fieldShapeOf(schema);
  if (shape.kind === 'NULLABLE') return boundsOf(shape.inner);
  if (shape.kind === 'DURATION') {
    const [least, most] = [schema['formatMinimum'], schema['formatMaximum']].map(describeDurationText);
    return least === undefined || most === undefined ? '' : `From ${least} to ${most}.`;
  }
  if (shape.kind === 'SHARE') return 'A share from 0 to 1.';
  if (shape.kind !== 'NUMBER') return '';
  const [least, most] = [boundOf(schema, 'inimum'), boundOf(schema, 'aximum')];
  if (least !== null && most !== null) return `From ${String(least)} to ${String(most)}.`;
  if (least !== null) return `At least ${String(least)}.`;
  return most === null ? '' : `At most ${String(most)}.`;
}

/** An integer of a schema has these bounds by itself. */
function boundOf(schema: JsonSchema, name: 'inimum' | 'aximum'): number | null {
  const bound = schema[`m${name}`] ?? schema[`exclusiveM${name}`];
  return typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : null;
}

/** Returns a value of a configuration in words. */
export function describeValue(schema: JsonSchema, value: unknown): string {
  const shape = fieldShapeOf(schema);
  if (shape.kind === 'NULLABLE') {
    return value === null ? (shape.nullMeans ?? 'none') : describeValue(shape.inner, value);
  }
  if (shape.kind === 'UNION') {
    return describeValue(shape.alternatives[alternativeOf(shape.alternatives, value)] ?? {}, value);
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' && shape.kind === 'SHARE') return `${String(Number((value * 100).toFixed(1)))} %`;
  if (typeof value === 'string') return shape.kind === 'DURATION' ? (describeDurationText(value) ?? value) : value;
  return JSON.stringify(value) ?? '';
}

function describeDurationText(text: unknown): string | undefined {
  const read = parseDuration(typeof text === 'string' ? text : '');
  return 'ms' in read ? describeDuration(read.ms) : undefined;
}

const durationInText = /(?<![\w-])P(?=\d|T\d)(?:\d+[DW])?(?:T(?:\d+[HMS])+)?(?![\w-])/g;

/** Returns a text of a module’s author with the durations in it, such as PT0S and P90D, in words. */
export function withDurationsInWords(text: string): string {
  return text.replaceAll(durationInText, (duration) => describeDurationText(duration) ?? duration);
}

/** Returns the place of the first alternative that a value may be of; 0 if it fits none. */
export function alternativeOf(alternatives: readonly JsonSchema[], value: unknown): number {
  return Math.max(
    0,
    alternatives.findIndex((one) => mayBeOf(one, value)),
  );
}

function mayBeOf(schema: JsonSchema, value: unknown): boolean {
  const shape = fieldShapeOf(schema);
  switch (shape.kind) {
    case 'CONSTANT':
      return shape.value === value;
    case 'CHOICE':
      return shape.choices.includes(value);
    case 'NULLABLE':
      return value === null || mayBeOf(shape.inner, value);
    case 'UNION':
      return shape.alternatives.some((one) => mayBeOf(one, value));
    case 'OBJECT':
      return (
        isObject(value) &&
        shape.members.every(({ name, schema: member, isRequired }) =>
          name in value ? fieldShapeOf(member).kind !== 'CONSTANT' || mayBeOf(member, value[name]) : !isRequired,
        )
      );
    case 'LIST':
      return Array.isArray(value);
    case 'BOOLEAN':
      return typeof value === 'boolean';
    case 'NUMBER':
    case 'SHARE':
      return typeof value === 'number';
    case 'DURATION':
      return typeof value === 'string' && describeDurationText(value) !== undefined;
    case 'MOMENT':
    case 'TEXT':
      return typeof value === 'string';
    case 'JSON':
      return true;
  }
}

/** Returns the value with which an alternative begins: what it has by itself, such as the name of its kind. */
export function initialValue(schema: JsonSchema): unknown {
  const shape = fieldShapeOf(schema);
  if (shape.kind === 'CONSTANT') return shape.value;
  if (shape.kind === 'LIST') return [];
  if (shape.kind !== 'OBJECT') return undefined;
  const members = shape.members.flatMap(({ name, schema: member }) =>
    fieldShapeOf(member).kind === 'CONSTANT' ? [[name, initialValue(member)] as const] : [],
  );
  return Object.fromEntries(members);
}

/** Returns the name of an alternative for people. */
export function alternativeName(schema: JsonSchema): string {
  const title = textOf(schema['title']);
  if (title !== null) return title;
  const shape = fieldShapeOf(schema);
  if (shape.kind === 'OBJECT') {
    const constants = shape.members.flatMap(({ schema: member }) => textOf(member['const']) ?? []);
    return constants.length > 0 ? constants.join(' ') : shape.members.map(({ name }) => name).join(', ');
  }
  return { ...plainNames, CONSTANT: JSON.stringify(schema['const']) ?? '' }[shape.kind];
}

const plainNames = {
  DURATION: 'a duration',
  SHARE: 'a share',
  BOOLEAN: 'yes or no',
  MOMENT: 'a moment',
  TEXT: 'a text',
  JSON: 'another value',
  NUMBER: 'a number',
  CHOICE: 'a choice',
  LIST: 'a list',
  NULLABLE: 'a value or none',
  UNION: 'one of several',
} as const;

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
