import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isRequiredInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLOutputType,
} from 'graphql';
import { expect, test } from 'vitest';
import type { Answer } from '../support/gateway.ts';
import { openTown } from '../support/town.ts';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

/** What PostgreSQL keeps in no text, and what UTF-8 cannot write. */
const malformed = ['a\u0000b', 'a\ud800b', '\udfff'];

test(
  'malformed text: a string that cannot be stored never reaches the database, from any argument',
  { timeout: 180_000 },
  async () => {
    const { gateway, admin } = await openTown();
    for (const { query, variables, place } of everyText()) {
      for (const text of malformed) {
        const { errors } = await gateway.ask(query, variables(text), admin.token);
        expect([place, JSON.stringify(text), codeOf(errors)]).toEqual([place, JSON.stringify(text), 'BAD_USER_INPUT']);
      }
    }
  },
);

function codeOf(errors: Answer['errors']): string | undefined {
  return errors?.[0]?.extensions['code'];
}

interface Place {
  readonly place: string;
  readonly query: string;
  readonly variables: (text: string) => object;
}

/**
 * Every place of every query and mutation at which a text or an id is taken, with the least that is needed around it.
 */
function everyText(): Place[] {
  return ['Query', 'Mutation'].flatMap((root) =>
    Object.values((schema.getType(root) as any).getFields()).flatMap((field: any) =>
      field.args.flatMap((argument: any) =>
        textsIn(argument.type, `${root}.${field.name}.${argument.name}`).map(({ place, value }) => {
          const required = field.args.filter((other: any) => other !== argument && String(other.type).endsWith('!'));
          const given = [argument, ...required];
          const head = given.map(({ name, type }: any) => `$${name}: ${type}`).join(', ');
          const passed = given.map(({ name }: any) => `${name}: $${name}`).join(', ');
          const isLeaf = isLeafType(getNamedType(field.type as GraphQLOutputType));
          const query = `${root.toLowerCase()} (${head}) { ${field.name}(${passed}) ${isLeaf ? '' : '{ __typename }'} }`;
          const others = Object.fromEntries(required.map(({ name, type }: any) => [name, least(type)]));
          return { place, query, variables: (text: string) => ({ ...others, [argument.name]: value(text) }) };
        }),
      ),
    ),
  );
}

/** Returns the strings of an input type. A type that contains itself is entered once. */
function textsIn(
  type: GraphQLInputType,
  place: string,
  within: readonly GraphQLInputType[] = [],
): { place: string; value: (text: string) => unknown }[] {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return textsIn(nullable.ofType, place, within).map((inner) => ({
      ...inner,
      value: (text: string) => [inner.value(text)],
    }));
  }
  if (isInputObjectType(nullable)) {
    if (within.includes(nullable)) return [];
    return Object.values(nullable.getFields()).flatMap((field) =>
      textsIn(field.type, `${place}.${field.name}`, [...within, nullable]).map((inner) => ({
        place: inner.place,
        value: (text: string) => ({ ...leastObject(nullable), [field.name]: inner.value(text) }),
      })),
    );
  }
  return ['String', 'ID'].includes(String(nullable)) ? [{ place, value: (text) => text }] : [];
}

/** The least value of a type that is well formed. */
function least(type: GraphQLInputType): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [];
  if (isInputObjectType(nullable)) return leastObject(nullable);
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  return { String: 'x', ID: 'x', Duration: 'P1D', DateTime: '2027-01-01T00:00:00Z', Boolean: false, Int: 1 }[
    String(nullable)
  ];
}

function leastObject(type: GraphQLInputObjectType): object {
  const required = Object.values(type.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(required.map((field) => [field.name, least(field.type)]));
}
