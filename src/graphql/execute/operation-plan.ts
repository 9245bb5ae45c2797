import {
  BREAK,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type OperationDefinitionNode,
  type SelectionNode,
  type VariableValues,
} from 'graphql';
import { groupFields, type SelectionScope } from './field-groups.ts';
import { shapeOf, type ValueShape } from './value-shape.ts';

/** The most planned fields that are retained for an operation. */
const FIELDS_MAX = 200;

/** A field that is selected of objects of one type. */
export interface PlannedField {
  readonly responseName: string;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** All nodes that select the field. */
  readonly nodes: readonly FieldNode[];
  readonly shape: ValueShape;
  /** The fields of its values, by their type, as far as they are planned. */
  readonly selections: Map<GraphQLObjectType, readonly PlannedField[]>;
}

/** Plans live as long as their documents, whose cache has a limit. */
const plans = new WeakMap<OperationDefinitionNode, OperationPlan>();
const conditional = new WeakSet<OperationDefinitionNode>();

/** The variable values of a retained plan. It needs none, and must not keep those of a request in memory. */
const noVariables: VariableValues = { sources: {}, coerced: {} };

/** Returns the plan of an operation. It is retained if the selected fields do not depend on variables. */
export function planOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  rootType: GraphQLObjectType,
  scope: SelectionScope,
): OperationPlan {
  const retained = plans.get(operation);
  if (retained !== undefined) return retained;
  if (conditional.has(operation) || hasVariableDirective(document)) {
    conditional.add(operation);
    return new OperationPlan(scope, rootType, operation);
  }
  const { schema, fragments } = scope;
  const plan = new OperationPlan({ schema, fragments, variableValues: noVariables }, rootType, operation);
  plans.set(operation, plan);
  return plan;
}

/**
 * Which fields an operation selects of the objects of each type. It grows while the operation runs: the fields of a type
 * are collected when an object of that type is first met at their place.
 */
export class OperationPlan {
  readonly rootFields: readonly PlannedField[];
  readonly #scope: SelectionScope;
  #fieldCount = 0;

  constructor(scope: SelectionScope, rootType: GraphQLObjectType, operation: OperationDefinitionNode) {
    this.#scope = scope;
    this.rootFields = this.#plan(rootType, operation.selectionSet.selections);
  }

  /** Returns the fields that are selected of a value of a field: an object of this type. */
  fieldsOf({ nodes, selections }: PlannedField, type: GraphQLObjectType): readonly PlannedField[] {
    const planned = selections.get(type);
    if (planned !== undefined) return planned;
    const fields = this.#plan(
      type,
      nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? []),
    );
    if (this.#fieldCount <= FIELDS_MAX) selections.set(type, fields);
    return fields;
  }

  #plan(type: GraphQLObjectType, selections: readonly SelectionNode[]): readonly PlannedField[] {
    const groups = groupFields(this.#scope, type, selections);
    const fields = [...groups].flatMap(([responseName, nodes]): PlannedField[] => {
      const definition = this.#definitionOf(type, nodes[0]?.name.value ?? '');
      if (definition === undefined) return [];
      const shape = shapeOf(definition.type);
      return [{ responseName, parentType: type, definition, nodes, shape, selections: new Map() }];
    });
    this.#fieldCount += fields.length;
    return fields;
  }

  #definitionOf(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> | undefined {
    if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
    if (type === this.#scope.schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    }
    return type.getFields()[name];
  }
}

/** Whether a directive of a document has a variable: then which fields are selected may depend on it. */
function hasVariableDirective(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    Directive({ arguments: given = [] }) {
      isFound ||= given.some(({ value }) => value.kind === Kind.VARIABLE);
      return isFound ? BREAK : undefined;
    },
  });
  return isFound;
}
