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

/**
 * What a resolver may read of the field that it resolves. Operations have no abort signal, and no work is tracked. Few resolvers read
 * it, so it only refers to what it is made of.
 */
export class FieldInfo implements GraphQLResolveInfo {
  readonly path: ResponsePath;
  readonly #context: ExecutionContext;
  readonly #field: PlannedField;

  constructor(context: ExecutionContext, field: PlannedField, path: ResponsePath) {
    this.#context = context;
    this.#field = field;
    this.path = path;
  }

  get fieldName(): string {
    return this.#field.definition.name;
  }

  get fieldNodes(): readonly FieldNode[] {
    return this.#field.nodes;
  }

  get returnType(): GraphQLOutputType {
    return this.#field.definition.type;
  }

  get parentType(): GraphQLObjectType {
    return this.#field.parentType;
  }

  get schema(): GraphQLSchema {
    return this.#context.schema;
  }

  get fragments(): Record<string, FragmentDefinitionNode> {
    return this.#context.fragments;
  }

  get rootValue(): unknown {
    return this.#context.rootValue;
  }

  get operation(): OperationDefinitionNode {
    return this.#context.operation;
  }

  get variableValues(): VariableValues {
    return this.#context.variableValues as VariableValues;
  }

  getAbortSignal(): undefined {
    return undefined;
  }

  getAsyncHelpers(): ReturnType<GraphQLResolveInfo['getAsyncHelpers']> {
    return { promiseAll: (values) => Promise.all(values), track: () => undefined };
  }
}
