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
 * Measures a document before validation, so it need not be valid: an unknown field counts as a leaf, a cycle of
 * fragments as nothing; validation refuses both later. Each selection is visited once and each fragment measured once,
 * so the time is linear in the document, however large its fragments expand.
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
  return takeMaximum(operations.map(measureOperation));

  function measureOperation(operation: OperationDefinitionNode): PartMeasures {
    const declared = (operation.variableDefinitions ?? []).map(countDirectives);
    const root = schema.getRootType(operation.operation) ?? undefined;
    return addParts(countDirectives(operation), ...declared, measureSelections(operation.selectionSet, root));
  }

  function measureSelections({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined): PartMeasures {
    return addParts(
      ...selections.flatMap((selection) => [countDirectives(selection), measureSelection(selection, parent)]),
    );
  }

  function measureSelection(selection: SelectionNode, parent: GraphQLNamedType | undefined): PartMeasures {
    if (selection.kind === Kind.FIELD) return measureField(selection, parent);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return measureFragment(selection.name.value);
    const condition = selection.typeCondition?.name.value;
    return measureSelections(selection.selectionSet, condition === undefined ? parent : schema.getType(condition));
  }

  function measureFragment(name: string): PartMeasures {
    const cached = measured.get(name);
    if (cached !== undefined) return cached;
    // Inside its own cycle a fragment counts as nothing.
    measured.set(name, zeroPart);
    const fragment = fragments.get(name);
    if (fragment === undefined) return zeroPart;
    const below = measureSelections(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    const part = addParts(countDirectives(fragment), below);
    measured.set(name, part);
    return part;
  }

  function measureField(field: FieldNode, parent: GraphQLNamedType | undefined): PartMeasures {
    const name = field.name.value;
    const type = isCompositeType(parent) ? schema.getField(parent, name)?.type : undefined;
    const below =
      field.selectionSet === undefined ? zeroPart : measureSelections(field.selectionSet, type && getNamedType(type));
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

/** Whether a type is a connection. Only connections have this suffix. */
function isConnection(type: GraphQLNamedType | undefined): boolean {
  return type?.name.endsWith('Connection') ?? false;
}

function countDirectives({ directives }: { readonly directives?: readonly unknown[] | undefined }): PartMeasures {
  return { ...zeroPart, directives: directives?.length ?? 0 };
}
