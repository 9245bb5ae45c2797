import { Kind, type FieldNode, type OperationDefinitionNode, type ValueNode } from 'graphql';
import { PAGE_DEFAULT, PAGE_MAX } from '../keyset.ts';

/** The assumed size of a short list, such as the scopes, labels, secrets and holds of a key. */
const SHORT_LIST = 3;

/** The assumed size of lists that may be long, by field. */
export const longLists: ReadonlyMap<string, number> = new Map([
  ['Account.memberships', 20],
  ['Organization.members', 20],
  ['Realm.actions', 20],
  ['Realm.ceilings', 20],
  ['Realm.bindings', 20],
  ['Realm.brakes', 20],
  ['Realm.freezes', 20],
  ['Query.forecast', 20],
  ['Query.policies', 20],
  ['Query.problems', 20],
  ['Query.settings', 20],
  ['GatewayNode.modules', 20],
  ['Timeline.freezes', 20],
  ['TokenExplanation.rules', 20],
  ['Explanation.verdicts', 20],
  ['IssueKeysSuccess.keys', 250],
  ['ImportKeysSuccess.keys', 250],
  ['ImportKeysSuccess.rows', 250],
  ['ImportKeysSuccess.refused', 250],
  // These lists never have more entries.
  ['PolicyPreview.byOwner', 100],
  ['PolicyPreview.byWeek', 110],
  ['PolicyReplay.owners', 100],
  ['PolicyReplay.consumers', 100],
  ['PolicyReplay.byDay', 401],
  // Introspection: about as many entries as the schema has.
  ['__Schema.types', 150],
  ['__Type.fields', 8],
]);

/** Returns the assumed size of the list of a field without `first` and `last`. */
export function listSize(parentName: string, fieldName: string): number {
  return longLists.get(`${parentName}.${fieldName}`) ?? SHORT_LIST;
}

/** The variables of a request by name, with defaults applied. */
export type Variables = ReadonlyMap<string, unknown>;

/**
 * Returns the sent variables, and for each other variable the page size that its default value requests. If several
 * operations give a variable different defaults, the largest counts.
 */
export function variablesOf(
  operations: readonly OperationDefinitionNode[],
  sent: { readonly [name: string]: unknown },
): Variables {
  const variables = new Map<string, unknown>();
  for (const { variable, defaultValue } of operations.flatMap(({ variableDefinitions }) => variableDefinitions ?? [])) {
    const name = variable.name.value;
    const size = Math.max(entryCount(variables.get(name)) ?? -1, literalCount(defaultValue, variables) ?? -1);
    if (size >= 0) variables.set(name, size);
  }
  for (const [name, value] of Object.entries(sent)) variables.set(name, value);
  return variables;
}

/**
 * Returns the page size of a connection field: `first` or `last`, else the default. An invalid value counts as the
 * largest page; the field itself refuses it.
 */
export function pageSize(field: FieldNode, variables: Variables): number {
  const counts = (field.arguments ?? [])
    .filter(({ name }) => name.value === 'first' || name.value === 'last')
    .flatMap(({ value }) => literalCount(value, variables) ?? []);
  return counts.length === 0 ? PAGE_DEFAULT : Math.max(...counts);
}

/** Whether the page size of a field is given by a variable. */
export function hasVariablePageSize({ arguments: given = [] }: FieldNode): boolean {
  return given.some(
    ({ name, value }) => (name.value === 'first' || name.value === 'last') && value.kind === Kind.VARIABLE,
  );
}

function literalCount(value: ValueNode | undefined, variables: Variables): number | null {
  if (value === undefined || value.kind === Kind.NULL) return null;
  if (value.kind === Kind.VARIABLE) return entryCount(variables.get(value.name.value));
  return entryCount(value.kind === Kind.INT ? Number(value.value) : value);
}

function entryCount(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'number' && value >= 0 && value <= PAGE_MAX ? value : PAGE_MAX;
}
