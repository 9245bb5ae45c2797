import { readFileSync } from 'node:fs';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredInputField,
  isScalarType,
  isUnionType,
  print,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
} from 'graphql';
import { expect, test } from 'vitest';
import * as promised from './promised-schema.ts';
import { typeNameOf } from '../support/mutation-query.ts';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const ours = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));

test.each(Object.entries(promised.types))(
  'type %s has all that callers are promised',
  (name, { fields, implements: names = [] }) => {
    const type = expectType(name, isObjectType);
    expect(fieldsOf(type)).toMatchObject(fields);
    expect(type.getInterfaces().map(String)).toEqual(expect.arrayContaining([...names]));
  },
);

test.each(Object.entries(promised.interfaces))('interface %s has all that callers are promised', (name, fields) => {
  expect(fieldsOf(expectType(name, isInterfaceType))).toEqual(fields);
});

test.each(Object.entries(promised.inputs))(
  '%s takes all that callers are promised, and needs nothing else',
  (name, fields) => {
    const found = Object.values(expectType(name, isInputObjectType).getFields());
    expect(Object.fromEntries(found.map((field) => [field.name, typeAndDefault(field)]))).toMatchObject(fields);
    expect(found.filter((field) => isRequiredInputField(field) && !(field.name in fields)).map(String)).toEqual([]);
  },
);

test.each(Object.entries(promised.enums))('enum %s has the values that callers are promised', (name, values) => {
  expect(new Set(valuesOf(name))).toEqual(new Set(values));
});

test('contract: EventType has all promised values', () => {
  expect(valuesOf('EventType')).toEqual(expect.arrayContaining(promised.eventTypes));
});

test('contract: the scalars are the promised ones', () => {
  const found = ours.filter(isScalarType).map(String);
  expect(found.toSorted()).toEqual([...promised.scalars, 'Boolean', 'Float', 'ID', 'Int', 'String'].toSorted());
});

test('contract: Viewer is the calling account or key', () => {
  expect(expectType('Viewer', isUnionType).getTypes().map(String).toSorted()).toEqual(['Account', 'Key']);
});

test.each(Object.entries(promised.mutations))('mutation %s is as callers are promised', (mutation, answer) => {
  const field = expectType('Mutation', isObjectType).getFields()[mutation];
  if (field === undefined) throw new Error(`no mutation ${mutation}`);
  const name = typeNameOf(mutation);
  if (answer !== 'RESULT') return void expect(written(field)).toBe(answer);
  expect(written(field)).toBe(`(input: ${name}Input!) ${name}Result!`);
  const members = expectType(`${name}Result`, isUnionType).getTypes();
  const failures = members.filter((member) => member.name !== `${name}Success`);
  expect(failures).toHaveLength(members.length - 1);
  for (const failure of failures) expect(failure.getInterfaces().map(String)).toEqual(['UserError']);
});

test('contract: every mutation is a promised one or follows their pattern', () => {
  const mutations = Object.values(expectType('Mutation', isObjectType).getFields());
  for (const { name, args, type } of mutations.filter(({ name }) => !(name in promised.mutations))) {
    expect(args.map(({ name }) => name)).toEqual(['input']);
    expect(String(type)).toBe(`${typeNameOf(name)}Result!`);
  }
  const repeatable = mutations.flatMap(({ args }) => args.map(({ type }) => String(type).replace('!', '')));
  for (const input of repeatable.filter((input) => !promised.inputsWithoutIdempotencyKey.includes(input))) {
    const { idempotencyKey } = expectType(input, isInputObjectType).getFields();
    expect([input, String(idempotencyKey?.type)]).toEqual([input, 'String']);
  }
});

test('contract: every type with an id is a Node, and every paged list is a connection', () => {
  for (const type of ours.filter(isObjectType)) {
    const fields = fieldsOf(type);
    // What a verifier learns of a key is no object of its own.
    if (fields['id'] === 'ID!' && type.name !== 'VerifiedKey') {
      expect([type.name, ...type.getInterfaces().map(String)]).toContain('Node');
    }
    for (const [name, field] of Object.entries(fields).filter(([, field]) => /\b(first|last): /.test(field))) {
      expect(`${type.name}.${name} ${field}`).toMatch(/ \w+Connection!$/);
    }
    if (!type.name.endsWith('Connection')) continue;
    const edge = type.name.replace(/Connection$/, 'Edge');
    expect(fields).toMatchObject({ edges: `[${edge}!]!`, pageInfo: 'PageInfo!' });
    expect(fieldsOf(expectType(edge, isObjectType))).toMatchObject({
      cursor: 'String!',
      node: `${edge.slice(0, -4)}!`,
    });
  }
});

function expectType<Type>(name: string, is: (type: unknown) => type is Type): Type {
  const type = schema.getType(name);
  if (!is(type)) throw new Error(`${name} is ${String(type?.constructor.name)}`);
  return type;
}

function fieldsOf(type: GraphQLObjectType | GraphQLInterfaceType): Record<string, string> {
  return Object.fromEntries(Object.values(type.getFields()).map((field) => [field.name, written(field)]));
}

function written({ args, type }: GraphQLField<unknown, unknown>): string {
  const list = args.map((argument) => `${argument.name}: ${String(argument.type)}`).toSorted();
  return `${list.length === 0 ? '' : `(${list.join(', ')}) `}${String(type)}`;
}

function typeAndDefault({ type, astNode }: GraphQLInputField): string {
  return astNode?.defaultValue === undefined ? String(type) : `${String(type)} = ${print(astNode.defaultValue)}`;
}

function valuesOf(name: string): string[] {
  return expectType(name, isEnumType)
    .getValues()
    .map((value) => value.name);
}
