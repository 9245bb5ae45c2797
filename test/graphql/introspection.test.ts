import {
  buildClientSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
  type IntrospectionQuery,
} from 'graphql';
import { expect, test } from 'vitest';
import { printedSchema } from '../../src/graphql/schema.ts';
import { openGateway, type Answer, type Gateway } from '../support/gateway.ts';
import { ISSUE_KEY } from '../support/operations.ts';
import { transports } from '../support/transports.ts';

/** Every way of asking what the schema holds. */
const asking = [
  getIntrospectionQuery(),
  '{ __schema { queryType { name } } }',
  '{ __type(name: "Key") { name } }',
  '{ a: __schema { queryType { name } } }',
  '{ ...F } fragment F on Query { ... { __type(name: "Key") { name } } }',
  'query ($no: Boolean = false) { __typename __schema @include(if: $no) { queryType { name } } }',
];

test('introspection: in production an anonymous caller is refused, before anything runs', async () => {
  const gateway = await openGateway({ isOpen: false });
  for (const query of asking) {
    const { status, data, errors } = await gateway.ask(query);
    expect([status, data], query).toEqual([401, undefined]);
    expect(errors).toEqual([
      {
        message: 'Introspection requires authentication. Send Authorization: Bearer <session token or key secret>.',
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ]);
  }
  // What asks for no more than the name of a type is no introspection.
  expect((await gateway.ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
});

test('introspection: in production sessions and keys may introspect, over every transport', async () => {
  const gateway = await openGateway({ isOpen: false });
  const session = await gateway.admin();
  for (const credential of [session, await secretOf(gateway, session)]) {
    for (const way of transports) {
      const answered = await way.ask(gateway, getIntrospectionQuery({ specifiedByUrl: true }), {}, credential);
      expect(answered.errors, way.name).toBeUndefined();
      const seen = buildClientSchema(answered.data as unknown as IntrospectionQuery);
      expect(`${printSchema(lexicographicSortSchema(seen))}\n`).toBe(printedSchema());
    }
  }
});

test('introspection: an invalid credential is refused', async () => {
  const gateway = await openGateway({ isOpen: false });
  const revoked = await secretOf(gateway, await gateway.admin());
  await gateway.ask('mutation { revokeKey(input: { reason: "gone" }) { __typename } }', {}, revoked);
  for (const credential of ['x', 'kt_unknown', revoked]) {
    const answer = await gateway.ask(getIntrospectionQuery(), {}, credential);
    expect([answer.status, answer.data, codesOf(answer)], credential).toEqual([401, undefined, ['UNAUTHENTICATED']]);
  }
});

test('introspection: in development anyone may introspect', async () => {
  const gateway = await openGateway({ isOpen: true });
  for (const query of asking) expect((await gateway.ask(query)).errors).toBeUndefined();
});

/** Close misses of what there is, in every place where GraphQL would suggest it. */
const misses: readonly (readonly [string, object])[] = [
  ['{ keyz { __typename } }', {}],
  ['{ viewer { ... on Keyy { id } } }', {}],
  ['{ viewer { ... on Key { nam } } }', {}],
  ['{ keys(frist: 1) { pageInfo { endCursor } } }', {}],
  ['{ keys(filter: { relm: "x" }) { pageInfo { endCursor } } }', {}],
  ['{ keys(filter: { states: [ACTIV] }) { pageInfo { endCursor } } }', {}],
  ['{ keys(filter: { states: ["ACTIVE"] }) { pageInfo { endCursor } } }', {}],
  ['query ($f: KeyFiltr) { keys(filter: $f) { pageInfo { endCursor } } }', {}],
  ['query ($f: KeyFilter) { keys(filter: $f) { pageInfo { endCursor } } }', { f: { relm: 'x' } }],
  ['query ($f: KeyFilter) { keys(filter: $f) { pageInfo { endCursor } } }', { f: { states: ['ACTIV'] } }],
  ['{ viewer @inclde(if: true) { __typename } }', {}],
  ['{ viewer @include(iff: true) { __typename } }', {}],
  ['mutation { signInn(input: {}) { __typename } }', {}],
];

test('introspection: in production error messages have no suggestions that reveal the schema', async () => {
  const gateway = await openGateway({ isOpen: false });
  const session = await gateway.admin();
  for (const [query, variables] of misses) {
    for (const credential of [null, session]) {
      const answer = await gateway.ask(query, variables, credential);
      expect(codesOf(answer), query).toContain('BAD_USER_INPUT');
      expect(JSON.stringify(answer.errors), query).not.toMatch(/did you mean|perhaps/i);
    }
  }
});

test('introspection: in development error messages suggest similar names', async () => {
  const gateway = await openGateway({ isOpen: true });
  let suggestionCount = 0;
  for (const [query, variables] of misses) {
    if (JSON.stringify((await gateway.ask(query, variables)).errors).includes('Did you mean')) suggestionCount += 1;
  }
  // All but a type's name and a text for an enum, and what GraphQL has no suggestion for.
  expect(suggestionCount).toBeGreaterThanOrEqual(9);
});

async function secretOf(gateway: Gateway, session: string): Promise<string> {
  const input = { realm: 'default', name: 'k', scopes: [{ action: 'package:push', resource: 'a' }] };
  const { data } = await gateway.ask(ISSUE_KEY, { input }, session);
  return data['issueKey'].secret as string;
}

function codesOf({ errors = [] }: Pick<Answer, 'errors'>): unknown[] {
  return errors.map(({ extensions }) => extensions['code']);
}
