import {
  getOperationAST,
  GraphQLError,
  locatedError,
  responsePathAsArray,
  getArgumentValues,
  type ExecutionArgs,
  type ExecutionResult,
  type VariableValues,
} from 'graphql';
import { buildExecutionContext, type ExecutionContext } from '@graphql-tools/executor';
import type { MaybePromise } from '../../domain/maybe-promise.ts';
import { makeInterruptible } from '../make-interruptible.ts';
import { Execution } from './execution.ts';
import { FieldInfo } from './field-info.ts';
import { planOperation, type OperationPlan } from './operation-plan.ts';

/** The results of a subscription, one for each of its events. */
type Results = AsyncGenerator<ExecutionResult, void, void>;

/** An operation whose variables are sound. */
interface PlannedOperation {
  readonly context: ExecutionContext;
  readonly plan: OperationPlan;
}

/**
 * Executes an operation: every query and mutation, and each event of a subscription, whose event is the root value. The result
 * has the errors of variables or fields. Returns the result itself if no resolver returned a promise.
 */
export function executeOperation(args: ExecutionArgs): MaybePromise<ExecutionResult> {
  const prepared = prepareOperation(args);
  return 'errors' in prepared ? prepared : runOperation(prepared);
}

/** Starts a subscription. The result has errors if it could not start. */
export async function subscribeToOperation(args: ExecutionArgs): Promise<Results | ExecutionResult> {
  const prepared = prepareOperation(args);
  if ('errors' in prepared) return prepared;
  try {
    return executeEach(await openEvents(prepared), prepared);
  } catch (error) {
    return { errors: [error as GraphQLError] };
  }
}

/** Calls the subscribe function of the field that a subscription selects. Rejects with an error at that field. */
async function openEvents({ context, plan }: PlannedOperation): Promise<AsyncIterator<unknown>> {
  const [field] = plan.rootFields;
  const [node] = field?.nodes ?? [];
  if (field === undefined || node === undefined) throw new Error('The subscription selects no field.');
  const path = { prev: undefined, key: field.responseName, typename: field.parentType.name };
  try {
    const args = getArgumentValues(field.definition, node, context.variableValues as VariableValues);
    const info = new FieldInfo(context, field, path);
    const events: unknown = await field.definition.subscribe?.(context.rootValue, args, context.contextValue, info);
    if (events instanceof Error) throw events;
    return (events as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  } catch (error) {
    throw locatedError(error, field.nodes, responsePathAsArray(path));
  }
}

/** Executes the operation of a subscription for each of its events. An error that ends the events ends the results. */
function executeEach(events: AsyncIterator<unknown>, { context, plan }: PlannedOperation): Results {
  return makeInterruptible<ExecutionResult>(
    async () => {
      const { done, value: rootValue } = await events.next().catch((error: unknown) => {
        const { message } = error as Error;
        throw new GraphQLError(message, { originalError: error as Error, nodes: [context.operation] });
      });
      if (done === true) return { done, value: undefined };
      return { done: false, value: await runOperation({ context: { ...context, rootValue }, plan }) };
    },
    async () => events.return?.(),
  );
}

/** Coerces the variables of an operation and plans it. Returns the errors of the variables. */
function prepareOperation(args: ExecutionArgs): PlannedOperation | { readonly errors: readonly GraphQLError[] } {
  const { document, schema, operationName } = args;
  const operation = getOperationAST(document, operationName);
  if (operation == null) throw new Error('Must provide an operation.');
  const context = buildExecutionContext(args as Parameters<typeof buildExecutionContext>[0]);
  if (!('schema' in context)) return { errors: context.map(withBadRequestStatus) };
  const rootType = schema.getRootType(operation.operation);
  if (rootType == null) throw new Error(`The schema has no type for the operation ${operation.operation}.`);
  const variableValues = context.variableValues as VariableValues;
  const { fragments } = context;
  return { context, plan: planOperation(document, operation, rootType, { schema, fragments, variableValues }) };
}

function withBadRequestStatus(error: GraphQLError): GraphQLError {
  const http = { ...(error.extensions['http'] as object | undefined), status: 400 };
  Object.assign(error.extensions, { http });
  return error;
}

function runOperation({ context, plan }: PlannedOperation): MaybePromise<ExecutionResult> {
  const execution = new Execution(context, plan);
  const { errors } = execution;
  const finish = (data: object | null) => (errors.length === 0 ? { data } : { errors, data }) as ExecutionResult;
  const fail = (error: unknown) => {
    errors.push(error as GraphQLError);
    return finish(null);
  };
  try {
    const data = context.operation.operation === 'mutation' ? execution.runInOrder() : execution.run();
    return data instanceof Promise ? data.then(finish, fail) : finish(data);
  } catch (error) {
    return fail(error);
  }
}
