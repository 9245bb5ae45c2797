import { Kind, type GraphQLResolveInfo, type SelectionNode } from 'graphql';

type SelectionInfo = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/**
 * Returns the names of the fields that an operation selects of a field's object, in fragments too. Fields that `@skip` or `@include`
 * leaves out are among them.
 */
export function selectedFields({ fieldNodes, fragments }: SelectionInfo): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (selections: readonly SelectionNode[]) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) add(selection.selectionSet.selections);
      else add(fragments[selection.name.value]?.selectionSet.selections ?? []);
    }
  };
  for (const { selectionSet } of fieldNodes) add(selectionSet?.selections ?? []);
  names.delete('__typename');
  return names;
}
