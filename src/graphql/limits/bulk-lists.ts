import { Kind, type DocumentNode, type TypeNode } from 'graphql';

/** Where the variables of a document may have a bulk list, by the name of the variable: in its field, or itself (null). */
export type BulkPlaces = ReadonlyMap<string, string | null>;

/** The input types with a bulk list, and the types of its rows. */
const bulkInputs: ReadonlyMap<string, string | null> = new Map([
  ['IssueKeysInput', 'keys'],
  ['IssuedKeyInput', null],
  ['ImportKeysInput', 'keys'],
  ['ImportedKeyInput', null],
]);

/** Returns where the variables of a document may have the rows of a bulk mutation. */
export function bulkPlacesOf({ definitions }: DocumentNode): BulkPlaces {
  const places = new Map<string, string | null>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable, type } of definition.variableDefinitions ?? []) {
      const field = bulkInputs.get(typeNameOf(type));
      if (field !== undefined) places.set(variable.name.value, field);
    }
  }
  return places;
}

/** Returns the bulk lists among the sent variables. */
export function bulkListsIn(variables: { readonly [name: string]: unknown }, places: BulkPlaces): ReadonlySet<unknown> {
  const lists = new Set<unknown>();
  for (const [name, field] of places) {
    const value = variables[name];
    const isObject = typeof value === 'object' && value !== null;
    const list = field === null ? value : isObject ? (value as Record<string, unknown>)[field] : undefined;
    if (Array.isArray(list)) lists.add(list);
  }
  return lists;
}

function typeNameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : typeNameOf(type.type);
}
