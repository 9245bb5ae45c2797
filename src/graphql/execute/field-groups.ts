import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  typeFromAST,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
  type VariableValues,
} from 'graphql';

/** What the selections of an operation refer to. */
export interface SelectionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: VariableValues;
}

/**
 * Returns the fields that are selected of an object, by their names in the response, with all nodes that select each of
 * them (GraphQL specification, "Field Collection"). The schema has no @defer and no @stream.
 */
export function groupFields(
  scope: SelectionScope,
  type: GraphQLObjectType,
  selections: readonly SelectionNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const groups = new Map<string, FieldNode[]>();
  addSelections(scope, type, selections, groups, new Set());
  return groups;
}

function addSelections(
  scope: SelectionScope,
  type: GraphQLObjectType,
  selections: readonly SelectionNode[],
  groups: Map<string, FieldNode[]>,
  seen: Set<string>,
): void {
  for (const selection of selections) {
    if (!isIncluded(scope, selection)) continue;
    if (selection.kind === Kind.FIELD) {
      const responseName = (selection.alias ?? selection.name).value;
      const group = groups.get(responseName);
      if (group === undefined) groups.set(responseName, [selection]);
      else group.push(selection);
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentOf(scope, selection.name.value, seen);
    if (fragment === null || !appliesTo(scope, fragment, type)) continue;
    if (selection.kind === Kind.FRAGMENT_SPREAD) seen.add(selection.name.value);
    addSelections(scope, type, fragment.selectionSet.selections, groups, seen);
  }
}

function fragmentOf({ fragments }: SelectionScope, name: string, seen: Set<string>): FragmentDefinitionNode | null {
  return seen.has(name) ? null : (fragments[name] ?? null);
}

function isIncluded(scope: SelectionScope, { directives = [] }: SelectionNode): boolean {
  if (directives.length === 0) return true;
  const condition = (directive: GraphQLDirective) =>
    getDirectiveValues(directive, { directives }, scope.variableValues)?.['if'];
  return condition(GraphQLSkipDirective) !== true && condition(GraphQLIncludeDirective) !== false;
}

function appliesTo(
  { schema }: SelectionScope,
  { typeCondition }: FragmentDefinitionNode | InlineFragmentNode,
  type: GraphQLObjectType,
): boolean {
  if (typeCondition === undefined) return true;
  const wanted = typeFromAST(schema, typeCondition);
  return wanted === type || (isAbstractType(wanted) && schema.isSubType(wanted, type));
}
