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
import { takeMaximum, zeroPart, addParts, type Measures, type PartMeasures } from './measures.ts';

/**
 * Measures a document before anything else is done with it: it need not be valid (a field that there is not counts as a
 * leaf, a circle of fragments as nothing; validation refuses both). Each selection is looked at once and each fragment
 * measured once, so that the time is linear in the document, whatever its fragments unfold to.
 */
export function measureDocument(
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
  const measured = new Map<string, PartMeasures>();
  return takeMaximum(operations.map(ofOperation));

  function ofOperation(operation: OperationDefinitionNode): PartMeasures {
    const declared = (operation.variableDefinitions ?? []).map(ofDirectives);
    const root = schema.getRootType(operation.operation) ?? undefined;
    return addParts(ofDirectives(operation), ...declared, ofSelections(operation.selectionSet, root));
  }

  function ofSelections({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined): PartMeasures {
    return addParts(...selections.flatMap((selection) => [ofDirectives(selection), ofSelection(selection, parent)]));
  }

  function ofSelection(selection: SelectionNode, parent: GraphQLNamedType | undefined): PartMeasures {
    if (selection.kind === Kind.FIELD) return ofField(selection, parent);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
    const condition = selection.typeCondition?.name.value;
    return ofSelections(selection.selectionSet, condition === undefined ? parent : schema.getType(condition));
  }

  function ofFragment(name: string): PartMeasures {
    const known = measured.get(name);
    if (known !== undefined) return known;
    // What it is within itself, should it be a part of itself.
    measured.set(name, zeroPart);
    const fragment = fragments.get(name);
    if (fragment === undefined) return zeroPart;
    const below = ofSelections(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    const part = addParts(ofDirectives(fragment), below);
    measured.set(name, part);
    return part;
  }

  function ofField(field: FieldNode, parent: GraphQLNamedType | undefined): PartMeasures {
    const name = field.name.value;
    const type = isCompositeType(parent) ? schema.getField(parent, name)?.type : undefined;
    const below =
      field.selectionSet === undefined ? zeroPart : ofSelections(field.selectionSet, type && getNamedType(type));
    const aliases = below.aliases + (field.alias === undefined ? 0 : 1);
    const cost = below.cost + below.entryCost * pageSize(field, variables);
    if (name === '__schema' || name === '__type') {
      return addParts({ ...zeroPart, aliases, directives: below.directives, introspection: 1 + cost });
    }
    const isList = isListType(isNonNullType(type) ? type.ofType : type);
    const isOfPage = isList && isConnection(parent);
    const timesCost = isList ? cost * listSize(parent?.name ?? '', name) : cost;
    return addParts({
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

function ofDirectives({ directives }: { readonly directives?: readonly unknown[] | undefined }): PartMeasures {
  return { ...zeroPart, directives: directives?.length ?? 0 };
}
