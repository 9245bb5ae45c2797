import { setImmediate } from 'node:timers/promises';
import { hash } from 'node:crypto';
import { normalizedExecutor } from '@graphql-tools/executor';
import * as fc from 'fast-check';
import {
  buildSchema,
  getNamedType,
  GraphQLError,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  parse,
  responsePathAsArray,
  validate,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { executeOperation, subscribeToOperation } from '../../src/graphql/execute/execute-operation.ts';
import { printedSchema } from '../../src/graphql/schema.ts';
import { randomDocument } from './random-document.ts';

/** How resolvers behave: each answer depends on the seed and the place in the response alone. */
interface World {
  readonly seed: number;
  /** Whether resolvers may return promises. */
  readonly isAsync: boolean;
  /** One of so many answers is an error or a null. */
  readonly faultEvery: number;
}

/** The schema of the product, with resolvers that answer as the root value, a world, says. */
function createMockedSchema(): GraphQLSchema {
  const schema = buildSchema(printedSchema());
  for (const type of Object.values(schema.getTypeMap())) {
    // The scalars of the specification are the same objects in every schema.
    if (isScalarType(type) && !isSpecifiedScalarType(type)) type.serialize = serializeMocked;
    if (isAbstractType(type)) type.resolveType = (value: unknown) => (value as MockedObject).typename;
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      field.resolve = (source: unknown, args: unknown, _context: unknown, info) => {
        const world = (source as World | MockedObject as MockedObject).world ?? (source as World);
        const place = `${responsePathAsArray(info.path).join('.')} ${JSON.stringify(args)}`;
        return answer(world, schema, info.returnType, place);
      };
    }
  }
  return schema;
}

interface MockedObject {
  readonly world: World;
  readonly typename: string;
}

function serializeMocked(value: unknown): unknown {
  if (typeof value === 'object') throw new GraphQLError('made for callers');
  return value;
}

/** Returns a number below `count` for a place. */
function draw({ seed }: World, place: string, count: number): number {
  return Number.parseInt(hash('sha256', `${seed} ${place}`).slice(0, 8), 16) % count;
}

function answer(world: World, schema: GraphQLSchema, type: GraphQLOutputType, place: string): unknown {
  const isLate = world.isAsync && draw(world, `${place} late`, 3) === 0;
  if (draw(world, `${place} fault`, world.faultEvery) === 0) {
    const faults = [
      () => null,
      () => undefined,
      () => new Error(`returned at ${place}`),
      () => fail(new Error(`thrown at ${place}`)),
      () => fail(new GraphQLError(`for callers at ${place}`, { extensions: { code: 'X' } })),
      () => fail(new AggregateError([new Error('a'), new Error('b')], 'both')),
    ];
    const fault = faults[draw(world, `${place} kind`, faults.length)]!;
    if (!isLate) return fault();
    const late = Promise.resolve().then(fault);
    // Behind an item that fails a list, no one reads the others.
    void late.catch(() => undefined);
    return late;
  }
  const value = valueOf(world, schema, type, place);
  return isLate ? Promise.resolve(value) : value;
}

function fail(error: Error): never {
  throw error;
}

function valueOf(world: World, schema: GraphQLSchema, type: GraphQLOutputType, place: string): unknown {
  if (isNonNullType(type)) return valueOf(world, schema, type.ofType, place);
  if (isListType(type)) {
    const items = Array.from({ length: draw(world, `${place} length`, 4) }, (_, index) =>
      answer({ ...world, faultEvery: world.faultEvery * 3 }, schema, type.ofType, `${place}[${index}]`),
    );
    return draw(world, `${place} set`, 2) === 0 ? items : new Set(items);
  }
  if (isEnumType(type)) return type.getValues()[draw(world, place, type.getValues().length)]!.value;
  if (isScalarType(type)) {
    if (draw(world, `${place} soundness`, 30) === 0) return {};
    if (type.name === 'Boolean') return draw(world, place, 2) === 0;
    return type.name === 'Int' ? draw(world, place, 1_000) : place;
  }
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  const typename = possible[draw(world, `${place} type`, possible.length)]!.name;
  return { world, typename } satisfies MockedObject;
}

const mocked = createMockedSchema();

/** The result as it is compared: errors with their places, messages and originals. */
function comparable({ data, errors }: ExecutionResult): object {
  return {
    text: JSON.stringify(data),
    errors: errors?.map(({ message, path, locations, originalError, extensions }) => ({
      message,
      path,
      locations,
      extensions: JSON.stringify(extensions),
      original: originalError?.message,
    })),
  };
}

const worlds = fc.record({ seed: fc.nat(), isAsync: fc.constant(false), faultEvery: fc.constantFrom(3, 20, 100, 1e9) });

test('executor: random operations with random faults get the result of the executor of Yoga, to the last error', () => {
  let faultyCount = 0;
  let soundCount = 0;
  fc.assert(
    fc.property(randomDocument, worlds, ({ query, variables }, world) => {
      const document = parse(query);
      if (validate(mocked, document).length > 0) return;
      const args: ExecutionArgs = { schema: mocked, document, rootValue: world, variableValues: variables };
      const expected = normalizedExecutor(args as never) as ExecutionResult;
      const first = executeOperation(args) as ExecutionResult;
      expect(comparable(first)).toEqual(comparable(expected));
      // By the plan that the first execution has left.
      expect(comparable(executeOperation(args) as ExecutionResult)).toEqual(comparable(expected));
      if (expected.errors === undefined) soundCount += 1;
      else faultyCount += 1;
    }),
    { numRuns: 60, seed: 20_261_130 },
  );
  expect(Math.min(faultyCount, soundCount)).toBeGreaterThan(10);
});

/**
 * Runs the executor of Yoga. When an item fails a list at once, it leaves the late items before it unread: their rejections are
 * its own, and do not count.
 */
async function runReference(args: ExecutionArgs): Promise<ExecutionResult> {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', () => undefined);
  try {
    const result = (await normalizedExecutor(args as never)) as ExecutionResult;
    await setImmediate();
    return result;
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
}

test('executor: late answers get the data of the executor of Yoga', async () => {
  let lateCount = 0;
  await fc.assert(
    fc.asyncProperty(randomDocument, worlds, async ({ query, variables }, sync) => {
      const document = parse(query);
      if (validate(mocked, document).length > 0) return;
      const world: World = { ...sync, isAsync: true };
      const args: ExecutionArgs = { schema: mocked, document, rootValue: world, variableValues: variables };
      const expected = await runReference(args);
      const pending = executeOperation(args);
      if (pending instanceof Promise) lateCount += 1;
      const found = await pending;
      // Which errors below a place that is null are still counted depends on when they come.
      expect(JSON.stringify(found.data)).toEqual(JSON.stringify(expected.data));
      expect(found.errors === undefined).toBe(expected.errors === undefined);
    }),
    { numRuns: 40, seed: 20_261_130 },
  );
  expect(lateCount).toBeGreaterThan(10);
});

test('executor: the conditions of fields count at each execution, also when they are variables', () => {
  const world: World = { seed: 1, isAsync: false, faultEvery: 1e9 };
  const document = parse(`query ($with: Boolean! = true, $without: Boolean = false) {
    a: __typename @include(if: $with)  ...Rest @skip(if: $without)
    viewer { kind: __typename ... @include(if: $with) { again: __typename } } }
    fragment Rest on Query { b: __typename  viewer { own: __typename @skip(if: $with) } }`);
  const texts = [{}, { with: false }, { without: true }, { with: false, without: true }, {}].map((variableValues) => {
    const args: ExecutionArgs = { schema: mocked, document, rootValue: world, variableValues };
    const expected = normalizedExecutor(args as never) as ExecutionResult;
    const text = JSON.stringify(executeOperation(args));
    expect(text).toBe(JSON.stringify(expected));
    return text;
  });
  expect(new Set(texts).size).toBe(4);
});

test('executor: a name of the response may be any, also that of a member of every object', () => {
  const document = parse('{ __proto__: __typename constructor: __typename toString: __typename then: __typename }');
  const { data } = executeOperation({ schema: mocked, document, rootValue: {} }) as ExecutionResult;
  expect(JSON.stringify(data)).toBe('{"__proto__":"Query","constructor":"Query","toString":"Query","then":"Query"}');
});

test('executor: malformed variables are refused in the words of the executor of Yoga, whose secrets we redact', () => {
  const document = parse('mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }');
  for (const input of [null, 5, {}, { secret: 5 }, { secret: 'x', more: ['kt_y'] }, { secret: 'x', action: {} }]) {
    const args: ExecutionArgs = { schema: mocked, document, rootValue: {}, variableValues: { input } };
    const found = executeOperation(args) as ExecutionResult;
    expect(comparable(found)).toEqual(comparable(normalizedExecutor(args as never) as ExecutionResult));
    expect(found.errors?.[0]?.extensions['http']).toEqual({ status: 400 });
  }
  const none = { schema: mocked, document, operationName: 'None' };
  expect(() => executeOperation(none)).toThrow('Must provide an operation.');
});

test('executor: an input that a resolver gets is that of the executor of Yoga', () => {
  const names = Object.values(mocked.getTypeMap()).filter((type) => isInputObjectType(type)).length;
  expect(names).toBeGreaterThan(50);
  const schema = buildSchema(`
    input Place { x: Int! = 1  y: [Int!]  deeper: Place }
    type Query { echo(place: Place = { x: 7 }, list: [Int], text: String = "t", need: Int! = 3): String }`);
  schema.getQueryType()!.getFields()['echo']!.resolve = (_source, args) => JSON.stringify(args);
  for (const [query, variableValues] of [
    ['{ echo }', {}],
    ['{ echo(place: { x: 2, deeper: { y: 4 } }, list: 5, text: null) }', {}],
    ['query ($p: Place) { echo(place: $p) }', {}],
    ['query ($p: Place) { echo(place: $p) }', { p: null }],
    ['query ($p: Place) { echo(place: $p) }', { p: { y: [1, 2], deeper: {} } }],
    ['query ($n: Int, $t: String) { echo(place: { x: 2, y: [1] deeper: { y: $n } }, text: $t, list: [$n]) }', {}],
    ['query ($y: [Int!], $t: String = "d") { echo(place: { y: $y }, text: $t) }', { y: [3] }],
    ['query ($need: Int = 9) { echo(need: $need) }', {}],
  ] as const) {
    const args: ExecutionArgs = { schema, document: parse(query), variableValues };
    const expected = normalizedExecutor(args as never) as ExecutionResult;
    expect(JSON.stringify(executeOperation(args)), query).toBe(JSON.stringify(expected));
  }
});

test('executor: a subscription executes for each event, ends with its source, and says why', async () => {
  const document = parse('subscription { events { id } }');
  const field = mocked.getSubscriptionType()!.getFields()['events']!;
  const original = { ...field };
  let isLeft = false;
  const world: World = { seed: 1, isAsync: false, faultEvery: 1e9 };
  field.resolve = (source: unknown) => ({ world: source, typename: 'Event' });
  const resultsFor = async (subscribe: () => unknown) => {
    field.subscribe = subscribe as never;
    return [
      (await subscribeToOperation({ schema: mocked, document })) as ExecutionResult,
      (await normalizedExecutor({ schema: mocked, document } as never)) as ExecutionResult,
    ];
  };
  const collect = async (results: ExecutionResult): Promise<readonly unknown[]> => {
    const seen: unknown[] = [];
    try {
      for await (const result of results as unknown as AsyncIterable<ExecutionResult>) seen.push(comparable(result));
    } catch (error) {
      seen.push({ thrown: (error as Error).message, original: (error as GraphQLError).originalError?.message });
    }
    return seen;
  };
  try {
    async function* failing() {
      yield world;
      yield { ...world, seed: 2 };
      throw new Error('broken');
    }
    const [own, other] = await resultsFor(failing);
    expect(await collect(own!)).toEqual(await collect(other!));
    for (const refuse of [() => fail(new Error('no')), async () => fail(new Error('no')), () => new Error('no')]) {
      const [found, expected] = await resultsFor(refuse);
      expect(comparable(found!)).toEqual(comparable(expected!));
      expect(found!.errors?.[0]?.path).toEqual(['events']);
    }
    async function* endless() {
      try {
        for (;;) yield world;
      } finally {
        isLeft = true;
      }
    }
    const [running] = await resultsFor(endless);
    const results = running as unknown as AsyncGenerator<ExecutionResult>;
    await results.next();
    await results.return(undefined);
    expect([isLeft, await results.next()]).toEqual([true, { done: true, value: undefined }]);
  } finally {
    Object.assign(field, original);
  }
  expect(getNamedType(field.type).name).toBe('Event');
});
