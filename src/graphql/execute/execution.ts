import {
  defaultFieldResolver,
  defaultTypeResolver,
  getArgumentValues,
  isObjectType,
  locatedError,
  responsePathAsArray,
  type GraphQLAbstractType,
  type GraphQLError,
  type GraphQLObjectType,
  type ResponsePath,
  type VariableValues,
} from 'graphql';
import type { ExecutionContext } from '@graphql-tools/executor';
import { FieldInfo } from './field-info.ts';
import type { OperationPlan, PlannedField } from './operation-plan.ts';
import { nameOfField, requireValue, type Place } from './place.ts';
import { isPromiseLike, ResponseObject, settleObject } from './response-object.ts';
import { serializeLeaf, type ValueShape } from './value-shape.ts';

/**
 * One execution of an operation by its plan (GraphQL specification, "Execution"). What resolvers return at once is completed
 * at once: no promise is made unless a resolver returns one.
 */
export class Execution {
  /** The errors of fields that are null because of them. */
  readonly errors: GraphQLError[] = [];
  readonly #context: ExecutionContext;
  readonly #plan: OperationPlan;

  constructor(context: ExecutionContext, plan: OperationPlan) {
    this.#context = context;
    this.#plan = plan;
  }

  /** Executes the fields of the root, side by side. Throws or rejects with the error of a field that may not be null. */
  run(): ResponseObject | Promise<ResponseObject> {
    return this.#executeFields(this.#plan.rootFields, this.#context.rootValue, undefined);
  }

  /** Executes the fields of the root one after the other. Throws or rejects like `run`. */
  runInOrder(): ResponseObject | Promise<ResponseObject> {
    const object = new ResponseObject();
    const fields = this.#plan.rootFields.values();
    const runOthers = (): ResponseObject | Promise<ResponseObject> => {
      for (const field of fields) {
        const value = this.#executeField(field, this.#context.rootValue, undefined);
        if (isPromiseLike(value)) {
          return Promise.resolve(value).then((settled) => {
            object[field.responseName] = settled;
            return runOthers();
          });
        }
        object[field.responseName] = value;
      }
      return object;
    };
    return runOthers();
  }

  #executeFields(
    fields: readonly PlannedField[],
    source: unknown,
    path: ResponsePath | undefined,
  ): ResponseObject | Promise<ResponseObject> {
    const object = new ResponseObject();
    let isSettled = true;
    try {
      for (const field of fields) {
        const value = this.#executeField(field, source, path);
        object[field.responseName] = value;
        if (isPromiseLike(value)) isSettled = false;
      }
    } catch (error) {
      if (isSettled) throw error;
      // The other fields may fail as well: their errors count as handled.
      const rethrow = () => {
        throw error;
      };
      return settleObject(object).then(rethrow, rethrow);
    }
    return isSettled ? object : settleObject(object);
  }

  #executeField(field: PlannedField, source: unknown, parentPath: ResponsePath | undefined): unknown {
    const { definition, nodes, parentType, responseName, shape } = field;
    const path = { prev: parentPath, key: responseName, typename: parentType.name };
    const info = new FieldInfo(this.#context, field, path);
    try {
      const [node] = nodes;
      const { variableValues, contextValue } = this.#context;
      const args =
        definition.args.length === 0 || node === undefined
          ? {}
          : getArgumentValues(definition, node, variableValues as VariableValues);
      const result: unknown = (definition.resolve ?? defaultFieldResolver)(source, args, contextValue, info);
      return this.#completeSoon(result, shape, { field, info, path });
    } catch (error) {
      return this.#handleErrors(error, shape, field, path);
    }
  }

  /** Completes a value or the value of a promise, with the errors of both handled. */
  #completeSoon(result: unknown, shape: ValueShape, place: Place): unknown {
    const completed = isPromiseLike(result)
      ? Promise.resolve(result).then((value) => this.#complete(value, shape, place))
      : this.#complete(result, shape, place);
    if (!isPromiseLike(completed)) return completed;
    return Promise.resolve(completed).catch((error: unknown) =>
      this.#handleErrors(error, shape, place.field, place.path),
    );
  }

  #complete(value: unknown, shape: ValueShape, place: Place): unknown {
    if (value instanceof Error) throw value;
    if (shape.kind === 'NON_NULL') return requireValue(this.#complete(value, shape.inner, place), place);
    if (value === null || value === undefined) return null;
    switch (shape.kind) {
      case 'LEAF':
        return serializeLeaf(shape.type, value);
      case 'LIST':
        return this.#completeList(value, shape.item, place);
      case 'ABSTRACT':
        return this.#completeAbstract(value, shape.type, place);
      case 'OBJECT':
        return this.#completeObject(value, shape.type, place);
    }
  }

  #completeList(value: unknown, shape: ValueShape, { field, info, path: listPath }: Place): unknown {
    if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) {
      throw new Error(`${nameOfField(info)}: found no list; expected one.`);
    }
    const items: unknown[] = [];
    let isSettled = true;
    let key = 0;
    for (const item of value as Iterable<unknown>) {
      const path = { prev: listPath, key, typename: undefined };
      key += 1;
      try {
        const completed = this.#completeSoon(item, shape, { field, info, path });
        if (isPromiseLike(completed)) isSettled = false;
        items.push(completed);
      } catch (error) {
        try {
          items.push(this.#handleErrors(error, shape, field, path));
        } catch (fatal) {
          // The items before may fail as well: their errors count as handled.
          if (!isSettled) void Promise.allSettled(items);
          throw fatal;
        }
      }
    }
    return isSettled ? items : Promise.all(items);
  }

  #completeAbstract(value: unknown, type: GraphQLAbstractType, place: Place): unknown {
    const resolveType = type.resolveType ?? defaultTypeResolver;
    const complete = (name: unknown) => this.#completeObject(value, this.#objectTypeOf(name, type, place), place);
    const name = resolveType(value, this.#context.contextValue, place.info, type);
    return isPromiseLike(name) ? Promise.resolve(name).then(complete) : complete(name);
  }

  #objectTypeOf(name: unknown, type: GraphQLAbstractType, { info }: Place): GraphQLObjectType {
    const { schema } = this.#context;
    const found = typeof name === 'string' ? schema.getType(name) : undefined;
    if (isObjectType(found) && schema.isSubType(type, found)) return found;
    throw new Error(`${nameOfField(info)}: found the type ${String(name)}; expected an object type of ${type.name}.`);
  }

  #completeObject(value: unknown, type: GraphQLObjectType, place: Place): unknown {
    const proceed = (isOfType: boolean) => {
      if (isOfType) return this.#executeFields(this.#plan.fieldsOf(place.field, type), value, place.path);
      throw new Error(`${nameOfField(place.info)}: found no value of type ${type.name}.`);
    };
    if (type.isTypeOf == null) return proceed(true);
    const isOfType = type.isTypeOf(value, this.#context.contextValue, place.info);
    return isPromiseLike(isOfType) ? Promise.resolve(isOfType).then(proceed) : proceed(isOfType);
  }

  /** Handles what a field has thrown; each error of an AggregateError counts. */
  #handleErrors(thrown: unknown, shape: ValueShape, { nodes }: PlannedField, path: ResponsePath): null {
    for (const error of thrown instanceof AggregateError ? thrown.errors : [thrown]) {
      const located = locatedError(error, nodes, responsePathAsArray(path));
      if (shape.kind === 'NON_NULL') throw located;
      this.errors.push(located);
    }
    return null;
  }
}
