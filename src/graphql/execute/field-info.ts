import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
  ResponsePath,
  VariableValues,
} from 'graphql';
import type { ExecutionContext } from '@graphql-tools/executor';
import type { PlannedField } from './operation-plan.ts';

/** What a resolver may read of the field that it resolves. Operations have no abort signal, and no work is tracked. */
export class FieldInfo implements GraphQLResolveInfo {
  readonly fieldName: string;
  readonly fieldNodes: readonly FieldNode[];
  readonly returnType: GraphQLOutputType;
  readonly parentType: GraphQLObjectType;
  readonly path: ResponsePath;
  readonly schema: GraphQLSchema;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly rootValue: unknown;
  readonly operation: OperationDefinitionNode;
  readonly variableValues: VariableValues;

  constructor(context: ExecutionContext, { definition, nodes, parentType }: PlannedField, path: ResponsePath) {
    this.fieldName = definition.name;
    this.fieldNodes = nodes;
    this.returnType = definition.type;
    this.parentType = parentType;
    this.path = path;
    this.schema = context.schema;
    this.fragments = context.fragments;
    this.rootValue = context.rootValue;
    this.operation = context.operation;
    this.variableValues = context.variableValues as VariableValues;
  }

  getAbortSignal(): undefined {
    return undefined;
  }

  getAsyncHelpers(): ReturnType<GraphQLResolveInfo['getAsyncHelpers']> {
    return { promiseAll: (values) => Promise.all(values), track: () => undefined };
  }
}
