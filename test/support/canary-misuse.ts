import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql';
import { schema } from '../../src/graphql/schema.ts';

/** An operation with a text in one place where it does not belong. */
export interface Misuse {
  /** For example `issueKey(input.labels.name)`. */
  readonly place: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly query: string;
  readonly variables: object;
}

/** Where a secret belongs, and nothing is wrong with it. */
const rightPlaces = /\.(secret|token|password|currentPassword|newPassword|idempotencyKey)\)$/;

/** Values that the gateway takes, by the name of the argument or field; what is not here is made up by its type. */
export type KnownValues = Readonly<Record<string, unknown>>;

/** Every operation of the schema, once for each place in its arguments: with the text there, and what is known elsewhere. */
export function listMisuses(text: string, known: KnownValues): Misuse[] {
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  return roots.flatMap(([kind, type]) =>
    Object.values(type!.getFields()).flatMap((field) =>
      placesIn(field.args).map((path): Misuse => {
        const place = `${field.name}(${path.join('.')})`;
        const declared = field.args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
        const passed = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
        const selection = getNamedType(field.type).toString() === 'Cursor' ? '' : '{ __typename }';
        const query = `${kind}(${declared}) { ${field.name}(${passed}) ${selection} }`;
        return { place, kind, query, variables: valuesOf(field.args, path, text, known) };
      }),
    ),
  );
}

/** Those of them that are not of a field which is made for secrets. */
export function listMisplacements(text: string, known: KnownValues): Misuse[] {
  return listMisuses(text, known).filter(({ place }) => !rightPlaces.test(place));
}

type Member = GraphQLArgument | GraphQLInputField;

function placesIn(members: readonly Member[]): string[][] {
  return members.flatMap(({ name, type }) => placesOf(type).map((rest) => [name, ...rest]));
}

function placesOf(type: GraphQLInputType): string[][] {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return [[]];
  // A selector within a selector is a place like the one above it.
  return Object.values(named.getFields()).flatMap((field) =>
    getNamedType(field.type) === named ? [] : placesOf(field.type).map((rest) => [field.name, ...rest]),
  );
}

function valuesOf(
  members: readonly Member[],
  [head, ...rest]: readonly string[],
  text: string,
  known: KnownValues,
): object {
  const given = members.filter((member) => member.name === head || isNeeded(member));
  return Object.fromEntries(
    given.map(({ name, type }) => [
      name,
      name === head ? valueAt(type, rest, text, known) : (known[name] ?? plausibleValue(type, known)),
    ]),
  );
}

function isNeeded(member: Member): boolean {
  return isNonNullType(member.type) && member.defaultValue === undefined;
}

function valueAt(type: GraphQLInputType, path: readonly string[], text: string, known: KnownValues): unknown {
  if (isNonNullType(type)) return valueAt(type.ofType, path, text, known);
  if (isListType(type)) return [valueAt(type.ofType, path, text, known)];
  return isInputObjectType(type) ? valuesOf(Object.values(type.getFields()), path, text, known) : text;
}

function plausibleValue(type: GraphQLInputType, known: KnownValues): unknown {
  if (isNonNullType(type)) return plausibleValue(type.ofType, known);
  if (isListType(type)) return [plausibleValue(type.ofType, known)];
  if (isInputObjectType(type)) return valuesOf(Object.values(type.getFields()), [], '', known);
  if (isEnumType(type)) return type.getValues()[0]?.name;
  const scalars: KnownValues = { Int: 1, Boolean: false, Duration: 'P30D', DateTime: '2027-01-01T00:00:00.000Z' };
  return scalars[String(type)] ?? 'likely';
}
