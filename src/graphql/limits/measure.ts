import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { listSize, pageSize, variablesOf } from './list-size.ts';
import { largest, nothing, together, type Measures, type Part } from './measures.ts';

/**
 * Measures a document before anything else is done with it: it need not be valid (a field that there is not counts as a
 * leaf, a circle of fragments as nothing; validation refuses both). Each selection is looked at once and each fragment
 * measured once, so that the time is linear in the document, whatever its fragments unfold to.
 */
export function measure(
  { definitions }: DocumentNode,
  schema: GraphQLSchema,
  sent: { readonly [name: string]: unknown },
): Measures {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const variables = variablesOf(operations, sent);
  const measured = new Map<string, Part>();
  return largest(operations.map(ofOperation));

  function ofOperation(operation: OperationDefinitionNode): Part {
    const declared = (operation.variableDefinitions ?? []).map(ofDirectives);
    const root = schema.getRootType(operation.operation) ?? undefined;
    return together(ofDirectives(operation), ...declared, ofSelections(operation.selectionSet, root));
  }

  function ofSelections({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined): Part {
    return together(...selections.flatMap((selection) => [ofDirectives(selection), ofSelection(selection, parent)]));
  }

  function ofSelection(selection: SelectionNode, parent: GraphQLNamedType | undefined): Part {
    if (selection.kind === Kind.FIELD) return ofField(selection, parent);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
    const condition = selection.typeCondition?.name.value;
    return ofSelections(selection.selectionSet, condition === undefined ? parent : schema.getType(condition));
  }

  function ofFragment(name: string): Part {
    const known = measured.get(name);
    if (known !== undefined) return known;
    // What it is within itself, should it be a part of itself.
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    if (fragment === undefined) return nothing;
    const below = ofSelections(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    const part = together(ofDirectives(fragment), below);
    measured.set(name, part);
    return part;
  }

  function ofField(field: FieldNode, parent: GraphQLNamedType | undefined): Part {
    const name = field.name.value;
    const type = isCompositeType(parent) ? schema.getField(parent, name)?.type : undefined;
    const below =
      field.selectionSet === undefined ? nothing : ofSelections(field.selectionSet, type && getNamedType(type));
    const aliases = below.aliases + (field.alias === undefined ? 0 : 1);
    const cost = below.cost + below.entryCost * pageSize(field, variables);
    if (name === '__schema' || name === '__type') {
      return together({ ...nothing, aliases, directives: below.directives, introspection: 1 + cost });
    }
    const isList = isListType(isNonNullType(type) ? type.ofType : type);
    const isOfPage = isList && isConnection(parent);
    const timesCost = isList ? cost * listSize(parent?.name ?? '', name) : cost;
    return together({
      ...below,
      aliases,
      depth: below.depth + 1,
      breadth: below.breadth + 1,
      cost: (name === '__typename' ? 0 : 1) + (isOfPage ? 0 : timesCost),
      entryCost: isOfPage ? cost : 0,
      signIns: below.signIns + (name === 'signIn' && parent === schema.getMutationType() ? 1 : 0),
    });
  }
}

/** Connections, and nothing else, are named so. */
function isConnection(type: GraphQLNamedType | undefined): boolean {
  return type?.name.endsWith('Connection') ?? false;
}

function ofDirectives({ directives }: { readonly directives?: readonly unknown[] | undefined }): Part {
  return { ...nothing, directives: directives?.length ?? 0 };
}
