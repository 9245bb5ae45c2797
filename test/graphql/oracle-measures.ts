import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type SelectionSetNode,
} from 'graphql';
import { longLists } from '../../src/graphql/limits/list-size.ts';
import { schema } from '../../src/graphql/schema.ts';

/** One field at its place after all fragments have been written out. */
interface Place {
  readonly name: string;
  readonly isAliased: boolean;
  /** The fields above it, the nearest first. */
  readonly above: readonly Place[];
  /** How often it is answered for one answer of the field above it. */
  readonly times: number;
  /** How long its page is, should it be a connection. */
  readonly page: number;
  readonly isIntrospection: boolean;
}

/** More than so many places are not written out. */
const PLACES_MAX = 20_000;

/**
 * What a valid document with one operation asks for, found by writing out every fragment at every place where it is
 * spread; null when that is too much. Slow and simple, to compare with.
 */
export function oracleMeasures(
  document: DocumentNode,
  variables: Record<string, unknown>,
): Record<string, number> | null {
  const places: Place[] = [];
  let directives = 0;
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)!;
  const defaults = Object.fromEntries(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue?.kind === Kind.INT ? Number(defaultValue.value) : undefined,
    ]),
  );

  const walk = (set: SelectionSetNode, parent: GraphQLNamedType, above: readonly Place[]): void => {
    for (const selection of set.selections) {
      if (places.length > PLACES_MAX) return;
      directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        const type = isCompositeType(parent) ? schema.getField(parent, selection.name.value)!.type : undefined!;
        const place = placeOf(selection, parent, above);
        places.push(place);
        if (selection.selectionSet) walk(selection.selectionSet, getNamedType(type), [place, ...above]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        walk(selection.selectionSet, condition === undefined ? parent : schema.getType(condition)!, above);
      } else {
        const fragment = document.definitions.find(
          (definition) =>
            definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
        );
        if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) throw new Error('no such fragment');
        directives += fragment.directives?.length ?? 0;
        walk(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value)!, above);
      }
    }
  };

  const placeOf = (field: FieldNode, parent: GraphQLNamedType, above: readonly Place[]): Place => {
    const name = field.name.value;
    const type = isCompositeType(parent) ? schema.getField(parent, name)!.type : undefined;
    const isList = isListType(isNonNullType(type) ? type.ofType : type);
    const pages = (field.arguments ?? [])
      .filter((argument) => ['first', 'last'].includes(argument.name.value))
      .map(({ value }) => {
        if (value.kind === Kind.INT) return Number(value.value);
        if (value.kind !== Kind.VARIABLE) return undefined;
        return (variables[value.name.value] ?? defaults[value.name.value]) as number | undefined;
      })
      .filter((page) => page !== undefined);
    // A connection is answered once; it is its lists that are answered as often as its page is long.
    const page = pages.length === 0 ? 20 : Math.max(...pages);
    const times = !isList
      ? 1
      : parent.name.endsWith('Connection')
        ? above[0]!.page
        : (longLists.get(`${parent.name}.${name}`) ?? 3);
    return {
      name,
      isAliased: field.alias !== undefined,
      above,
      times,
      page,
      isIntrospection: name.startsWith('__') && name !== '__typename' ? true : (above[0]?.isIntrospection ?? false),
    };
  };

  directives += operation.directives?.length ?? 0;
  for (const definition of operation.variableDefinitions ?? []) directives += definition.directives?.length ?? 0;
  walk(operation.selectionSet, schema.getRootType(operation.operation)!, []);
  if (places.length > PLACES_MAX) return null;

  const ordinary = places.filter(({ isIntrospection }) => !isIntrospection);
  const cost = (some: readonly Place[]) =>
    some
      .filter(({ name }) => name !== '__typename')
      .map(({ above }) => above.reduce((product, { times }) => product * times, 1))
      .reduce((sum, count) => sum + count, 0);
  return {
    depth: Math.max(0, ...ordinary.map(({ above }) => above.length + 1)),
    breadth: ordinary.length,
    aliases: places.filter(({ isAliased }) => isAliased).length,
    directives,
    cost: cost(ordinary),
    introspection: cost(places.filter(({ isIntrospection }) => isIntrospection)),
    signIns: ordinary.filter(({ name, above }) => name === 'signIn' && above.length === 0).length,
  };
}
