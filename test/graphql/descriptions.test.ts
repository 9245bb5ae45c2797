import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  type GraphQLArgument,
  type GraphQLNamedType,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';

interface Described {
  readonly place: string;
  readonly name: string;
  readonly description: string | null | undefined;
}

test('schema: every type, field, argument and enum value has a description of at least two words', () => {
  const missing = everything().filter(({ description }) => wordsOf(description ?? '').length < 2);
  expect(missing.map(({ place }) => place)).toEqual([]);
});

test('schema: no description only repeats the name', () => {
  const restating = everything().filter(({ name, description }) => {
    const ofName = new Set(wordsOf(name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ')));
    return wordsOf(description ?? '').every((word) => articles.has(word) || ofName.has(word));
  });
  expect(restating.map(({ place }) => place)).toEqual([]);
});

const articles = new Set(['a', 'an', 'the', 'this', 'its', 'of']);

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Everything of our schema that can have a description; built-in types and directives are not ours. */
function everything(): Described[] {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  const directives = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive));
  return [
    ...types.flatMap((type) => [{ ...described(type), place: type.name }, ...membersOf(type)]),
    ...directives.flatMap((directive) => [
      { ...described(directive), place: `@${directive.name}` },
      ...argumentsOf(`@${directive.name}`, directive.args),
    ]),
  ];
}

function membersOf(type: GraphQLNamedType): Described[] {
  const placed = <Member extends Omit<Described, 'place'>>(member: Member) => ({
    ...described(member),
    place: `${type.name}.${member.name}`,
  });
  if (isEnumType(type)) return type.getValues().map(placed);
  if (isInputObjectType(type)) return Object.values(type.getFields()).map(placed);
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    placed(field),
    ...argumentsOf(`${type.name}.${field.name}`, field.args),
  ]);
}

function argumentsOf(place: string, args: readonly GraphQLArgument[]): Described[] {
  return args.map((arg) => ({ ...described(arg), place: `${place}(${arg.name}:)` }));
}

function described({ name, description }: Omit<Described, 'place'>): Omit<Described, 'place'> {
  return { name, description };
}
