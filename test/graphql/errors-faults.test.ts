import { randomUUID } from 'node:crypto';
import {
  defaultFieldResolver,
  getNamedType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLUnionType,
} from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { currentRequestId } from '../../src/graphql/request-scope.ts';
import { schema } from '../../src/graphql/schema.ts';
import { openStore } from '../../src/store/prisma.ts';
import { freshDatabase } from '../support/database.ts';
import { faultyStore } from '../support/faults.ts';
import { openGateway } from '../support/gateway.ts';
import { operationCases } from './every-operation.ts';
import { askAs, expectMasked, thrownShapes } from './error-leaks.ts';

/** In the short form every sixth operation has the calls of the database fail, and every fifth resolver throws. */
const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);

const eventDetailTypes = findEventDetailTypes();

const silent = { info() {}, warn() {} };

test(
  'errors: if any database call of any operation fails, the caller sees only the request id',
  { timeout: 120_000 },
  async () => {
    const faults = faultyStore(openStore(await freshDatabase(), { poolSize: 10, log: silent }));
    const gateway = await openGateway({ store: faults.store, isOpen: false });
    let firedCount = 0;
    for (const use of operationCases.filter((_, index) => isLong || index % 6 === 0)) {
      let prepared = await use.prepare(gateway);
      for (let step = 1; ; step += 1) {
        const requestId = randomUUID();
        faults.arm(requestId, step, thrownShapes[(step + firedCount) % thrownShapes.length]!());
        const answer = await askAs(requestId, gateway, use, prepared);
        if (!faults.hasFired()) {
          expect(answer.errors, `${use.field} without a fault`).toBeUndefined();
          expect(JSON.stringify(answer.data), use.field).not.toMatch(/"code":"/);
          break;
        }
        firedCount += 1;
        // Writes in passing (such as uses) may fail silently. An operation with an error has changed nothing.
        if (answer.errors === undefined) prepared = await use.prepare(gateway);
        else expectMasked(gateway, answer, requestId, `${use.field}, step ${step}`);
      }
    }
    expect(firedCount).toBeGreaterThan(25);
  },
);

test('errors: these tests cover every operation of the schema', () => {
  const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    Object.keys(type!.getFields()).map((name) => `${type!.name}.${name}`),
  );
  expect(operationCases.map(({ field }) => field).sort()).toEqual(fields.sort());
});

test('errors: these tests read every field that has a resolver', () => {
  const asked = new Set(operationCases.flatMap(({ query }) => placesOf(query)));
  expect(armResolvers().places.filter((place) => !asked.has(place))).toEqual([]);
});

test('errors: if any resolver throws, the caller sees only the request id', { timeout: 240_000 }, async () => {
  const gateway = await openGateway({ isOpen: false });
  const resolvers = armResolvers();
  const met = new Set<string>();
  const chosen = resolvers.places.filter((_, index) => isLong || index % 5 === 0);
  let shape = 0;
  for (const use of operationCases) {
    const places = placesOf(use.query).filter((place) => chosen.includes(place) && !met.has(place));
    if (places.length === 0) continue;
    let prepared = await use.prepare(gateway);
    for (const place of places) {
      const requestId = randomUUID();
      resolvers.arm(place, requestId, thrownShapes[(shape += 1) % thrownShapes.length]!());
      const answer = await askAs(requestId, gateway, use, prepared);
      if (use.field.startsWith('Mutation.')) prepared = await use.prepare(gateway);
      if (!resolvers.hasFired()) continue;
      met.add(place);
      expectMasked(gateway, answer, requestId, place);
    }
  }
  const missed = chosen.filter((place) => !met.has(place));
  expect(missed).toEqual([]);
});

/** Returns the object types of the details of events, with those that only they contain. */
function findEventDetailTypes(): ReadonlySet<GraphQLObjectType> {
  const found = new Set(schema.getPossibleTypes(schema.getType('EventDetail') as GraphQLUnionType));
  const others = Object.values(schema.getTypeMap()).filter(isObjectType);
  for (let before = -1; before < found.size;) {
    before = found.size;
    const elsewhere = new Set(others.filter((type) => !found.has(type)).flatMap(typesOfFields));
    for (const type of [...found].flatMap(typesOfFields)) if (!elsewhere.has(type)) found.add(type);
  }
  return found;
}

function typesOfFields(type: GraphQLObjectType): readonly GraphQLObjectType[] {
  return Object.values(type.getFields())
    .map((field) => getNamedType(field.type))
    .filter(isObjectType)
    .filter((contained) => contained !== type);
}

/** Every field that a document names, as Type.field. */
function placesOf(query: string): string[] {
  const places = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  const enter = () =>
    void places.add(`${getNamedType(typeInfo.getParentType()!).name}.${typeInfo.getFieldDef()?.name}`);
  visit(parse(query), visitWithTypeInfo(typeInfo, { Field: enter }));
  // A field of an interface is resolved by the fields of its object types.
  return [...places].flatMap((place) => {
    const [typeName = '', fieldName = ''] = place.split('.');
    const type = schema.getType(typeName);
    if (type === undefined || isObjectType(type)) return [place];
    const possible = 'getFields' in type || 'getTypes' in type ? schema.getPossibleTypes(type as never) : [];
    return possible.map(({ name }) => `${name}.${fieldName}`);
  });
}

/** Makes any resolver of the schema throw, for one request. */
function armResolvers() {
  let armed: { place: string; requestId: string; thrown: unknown } | null = null;
  let hasFired = false;
  const places: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    // Fields of failures and of event details only read what their object holds.
    const isPlain = type.getInterfaces().some(({ name }) => name === 'UserError') || eventDetailTypes.has(type);
    for (const field of Object.values(type.getFields())) {
      const place = `${type.name}.${field.name}`;
      if ((field.resolve !== undefined || field.subscribe !== undefined) && !isPlain) places.push(place);
      const arm =
        (resolve: NonNullable<GraphQLField<unknown, unknown>['resolve']>): typeof resolve =>
        (...all) => {
          if (armed?.place !== place || armed.requestId !== currentRequestId()) return resolve(...all);
          hasFired = true;
          throw armed.thrown;
        };
      const { resolve, subscribe } = field;
      if (subscribe !== undefined) field.subscribe = arm(subscribe as never) as never;
      else field.resolve = arm(resolve ?? defaultFieldResolver);
      onTestFinished(() => void Object.assign(field, { resolve, subscribe }));
    }
  }
  return {
    places,
    arm(place: string, requestId: string, thrown: unknown) {
      armed = { place, requestId, thrown };
      hasFired = false;
    },
    hasFired: () => hasFired,
  };
}
