import { getIntrospectionQuery, Lexer, parse, Source, TokenKind, visit, type SelectionSetNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { longLists } from '../../src/graphql/limits/list-size.ts';
import { measureDocument } from '../../src/graphql/limits/measure-document.ts';
import { limits, type LimitName } from '../../src/graphql/limits/limit-table.ts';
import { schema } from '../../src/graphql/schema.ts';
import { GRAPHQL_BODY_MAX } from '../../src/http/graphql-route.ts';
import { ADMIN } from '../support/first-node.ts';
import { openGateway, type Answer } from '../support/gateway.ts';
import { transports, type TransportResponse } from '../support/transports.ts';

/** An operation that asks for so many of what a limit counts. */
interface Case {
  readonly limit: LimitName;
  readonly count: number;
  readonly query: string;
  readonly variables?: object;
}

/** Each limit reached, and gone over by one. */
const cases: readonly Case[] = [
  ...around('tokens', (count) => ({ query: ofTokens(count) })),
  ...around('comments', (count) => ({ query: `${'#\n'.repeat(count)}{ viewer { __typename } }` })),
  ...around('depth', (count) => ({ query: ofDepth(count) })),
  ...around('breadth', (count) => ({ query: `{ viewer { ... on Key { ${'id '.repeat(count - 1)} } } }` })),
  ...around('aliases', (count) => ({ query: `{ ${repeat(count, (index) => `a${index}: __typename`)} }` })),
  ...around('directives', (count) => ({ query: `{ ${'__typename @skip(if: false) '.repeat(count)} }` })),
  ...around('cost', (count) => ({
    query: `query ($first: Int) { ${'logCursor '.repeat(count - 4902)} keys(first: $first) { edges { node { ${'id '.repeat(48)} } } } }`,
    variables: { first: 100 },
  })),
  ...around('list', (count) => ({
    query: `{ keys(filter: { states: [${'ACTIVE '.repeat(count)}] }) { pageInfo { endCursor } } }`,
  })),
  ...around('list', (count) => ({
    query: 'query ($filter: KeyFilter) { keys(filter: $filter) { pageInfo { endCursor } } }',
    variables: { filter: { states: Array.from({ length: count }, () => 'ACTIVE') } },
  })),
];

describe.each(transports)('limits: $name', (way) => {
  test('each limit is accepted when it is reached, and refused with the found count when it is exceeded', async () => {
    const gateway = await openGateway({ isOpen: false });
    const admin = await gateway.admin();
    for (const { limit, count, query, variables } of cases) {
      const answered = await way.ask(gateway, query, variables, admin);
      if (count <= limits[limit].accepted) {
        expect(codesOf(answered), `${limit} ${count}`).toEqual([]);
      } else {
        expect(limitsOf(answered), `${limit} ${count}`).toEqual([
          { limit, found: count, accepted: limits[limit].accepted },
        ]);
        expect(answered.data).toBeUndefined();
        if (answered.status !== null) expect(answered.status).toBe(400);
      }
    }
  });

  test('a subscription has the same limits', async () => {
    const gateway = await openGateway();
    const query = `subscription { expiring(within: "P1D") { key { ${repeat(16, (index) => `a${index}: id`)} } } }`;
    const answered = await way.ask(gateway, query, {}, await gateway.admin());
    expect(limitsOf(answered)).toEqual([{ limit: 'aliases', found: 16, accepted: 15 }]);
  });

  test('an operation over several limits gets an error for each', async () => {
    const gateway = await openGateway();
    const query = `{ ${repeat(201, (index) => `a${index}: __typename @skip(if: false)`)} }`;
    const answered = await way.ask(gateway, query.replaceAll(' @skip(if: false)', ''), {}, await gateway.admin());
    expect(limitsOf(answered).map(({ limit }) => limit)).toEqual(['breadth', 'aliases']);
  });

  test('signIn may be selected once in an operation, also through fragments and aliases', async () => {
    const gateway = await openGateway();
    const signIn = `signIn(input: { email: "${ADMIN.email}", password: "wrong" }) { __typename }`;
    const aliased = (count: number) => `mutation { ${repeat(count, (index) => `a${index}: ${signIn}`)} }`;
    const hidden: readonly (readonly [string, object])[] = [
      [aliased(2), { signIns: 2 }],
      [aliased(50), { aliases: 50, signIns: 50 }],
      [aliased(500), { tokens: 1001 }],
      [`mutation ($no: Boolean = false) { ${signIn} ... @include(if: $no) { b: ${signIn} } }`, { signIns: 2 }],
      [`mutation { a: ${signIn} b: ${signIn.replace(')', ') @skip(if: true)')} }`, { signIns: 2 }],
      [
        `mutation { ...A } fragment A on Mutation { ...B a: ${signIn} } fragment B on Mutation { ...C } fragment C on Mutation { b: ${signIn} }`,
        { signIns: 2 },
      ],
      [`mutation { ...A ...A ...A } fragment A on Mutation { ${signIn} }`, { signIns: 3 }],
    ];
    const admin = await gateway.admin();
    for (const [query, found] of hidden) {
      const refused = limitsOf(await way.ask(gateway, query, {}, admin));
      expect(Object.fromEntries(refused.map(({ limit, found: count }) => [limit, count])), query).toEqual(found);
    }
    // The refused operations did not run: they count as no attempts to sign in.
    const answered = await way.ask(gateway, `mutation { ${signIn.replace('wrong', ADMIN.password)} }`, {}, admin);
    expect(answered.data).toEqual({ signIn: { __typename: 'SignInSuccess' } });
  });

  test('strings that the database or UTF-8 cannot hold are refused, with their place', async () => {
    const gateway = await openGateway();
    const admin = await gateway.admin();
    const byVariable =
      'query ($id: ID!, $filter: KeyFilter) { key(id: $id) { id } keys(filter: $filter) { pageInfo { endCursor } } }';
    const nul = (at: number) => `has a control character, U+0000 at character ${at}; none is accepted`;
    const half = (code: string, at: number) =>
      `has half of a surrogate pair, U+${code} at character ${at}; expected well-formed Unicode`;
    const told: readonly (readonly [string, object, string, string[]?])[] = [
      [byVariable, { id: 'key_\0' }, `id ${nul(5)}`, ['id']],
      [byVariable, { id: '🌊\ud800' }, `id ${half('D800', 2)}`, ['id']],
      [byVariable, { id: '\udc00\ud800' }, `id ${half('DC00', 1)}`, ['id']],
      [byVariable, { id: 'x', filter: { search: '🌊\0' } }, `search ${nul(2)}`, ['filter', 'search']],
      [
        byVariable,
        { id: 'x', filter: { labels: [{ name: 'a', value: 'b\udfff' }] } },
        `labels[0].value ${half('DFFF', 2)}`,
        ['filter', 'labels', '0', 'value'],
      ],
      [byVariable, { id: 'x', filter: { 'a\0': 1 } }, `filter has a name that ${nul(2)}`, ['filter']],
      [byVariable, { id: 'x', filter: { states: ['\0'] } }, `states[0] ${nul(1)}`, ['filter', 'states', '0']],
      [byVariable, { id: 'x', '\0': 1 }, `variables has a name that ${nul(1)}`, []],
      ['{ key(id: "a\\u0000") { id } }', {}, `The text at line 1, column 11 ${nul(2)}`],
      ['{ key(id: "a\\u{0}") { id } }', {}, `The text at line 1, column 11 ${nul(2)}`],
      ['{ key(id: """a\0""") { id } }', {}, `The text at line 1, column 11 ${nul(2)}`],
      ['query ($id: ID = "\\u0000") { key(id: $id) { id } }', {}, `The text at line 1, column 18 ${nul(1)}`],
      ['{ viewer @include(if: "\\u0000") { __typename } }', {}, `The text at line 1, column 23 ${nul(1)}`],
    ];
    for (const [query, variables, message, path] of told) {
      const answered = await way.ask(gateway, query, variables, admin);
      expect(answered.errors?.map((error) => [error.message, error.extensions])).toEqual([
        [message, { code: 'BAD_USER_INPUT', ...(path !== undefined && { path }) }],
      ]);
      if (answered.status !== null) expect(answered.status).toBe(400);
    }
    // GraphQL's own grammar has no halves of surrogate pairs.
    for (const query of [
      '{ key(id: "\\ud800") { id } }',
      '{ key(id: "\ud800") { id } }',
      '{ key(id: "\\u{d800}") { id } }',
    ]) {
      expect(codesOf(await way.ask(gateway, query, {}, admin))).toEqual(['BAD_USER_INPUT']);
    }
    const whole = await way.ask(gateway, byVariable, { id: 'x', filter: { search: 'grüße 🌊' } }, admin);
    expect(codesOf(whole)).toEqual([]);
  });
});

test('limits: a document that was measured before is measured anew with other sizes of a page', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const fields = 'edges { node { id name createdAt events(first: $more) { edges { node { id } } } } }';
  const byVariable = `query ($first: Int = 1, $more: Int) { keys(first: $first) { ${fields} } }`;
  const spread = `query ($first: Int = 1, $more: Int) { ...A } fragment A on Query { keys(first: $first) { ${fields} } }`;
  const fixed = `query ($search: String) { keys(first: 100, filter: { search: $search }) { ${fields.replace('$more', '100')} } }`;
  for (const query of [byVariable, spread]) {
    for (const [variables, isAccepted] of [
      [{ first: 1, more: 1 }, true],
      [{ first: 100, more: 100 }, false],
      [{ more: 1 }, true],
      [{ first: 100, more: 100 }, false],
      [{ first: null, more: null }, true],
      [{ first: 20 }, true],
    ] as const) {
      const refused = limitsOf(await gateway.ask(query, variables, admin)).map(({ limit }) => limit);
      expect(refused, JSON.stringify([query, variables])).toEqual(isAccepted ? [] : ['cost']);
    }
  }
  for (const search of ['a', 'b', 'c']) {
    expect(limitsOf(await gateway.ask(fixed, { search }, admin))).toMatchObject([{ limit: 'cost' }]);
  }
});

test('limits: malformed literals and variables are refused each time that their document is sent', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const query = 'query ($id: ID!) { key(id: $id) { id } }';
  for (const id of ['key_\0', 'x', 'key_\0', '\ud800', 'x']) {
    expect(codesOf(await gateway.ask(query, { id }, admin)), id).toEqual(id === 'x' ? [] : ['BAD_USER_INPUT']);
    const literal = await gateway.ask('{ key(id: "a\\u0000") { id } }', {}, admin);
    expect(codesOf(literal)).toEqual(['BAD_USER_INPUT']);
  }
});

test('limits: the message has the limit, what was found and what is accepted', async () => {
  const gateway = await openGateway();
  const { errors } = await gateway.ask(ofDepth(11));
  expect(errors).toEqual([
    {
      message: 'The operation is over a limit: found 11 levels of fields; at most 10 are accepted (depth).',
      extensions: { code: 'QUERY_TOO_COSTLY', limit: 'depth', found: 11, accepted: 10 },
    },
  ]);
});

test('limits: fragments that double at each level are measured in linear time, with their true counts', () => {
  const steps = 300;
  const bomb = `{ key(id: "x") { ...F0 } } ${repeat(
    steps,
    (index) => `fragment F${index} on Key { ${index === steps - 1 ? 'id' : `...F${index + 1} ...F${index + 1}`} }`,
  )}`;
  const document = parse(bomb);
  const sets: SelectionSetNode[] = [];
  visit(document, { SelectionSet: (node: SelectionSetNode) => void sets.push(node) });
  let readCount = 0;
  for (const set of sets) {
    const { selections } = set;
    Object.defineProperty(set, 'selections', { get: () => ((readCount += 1), selections) });
  }
  const { breadth, depth } = measureDocument(document, schema, {});
  expect(depth).toBe(2);
  expect(breadth).toBe(1e12);
  expect(readCount).toBe(sets.length);
});

test('limits: every operation of a document must be within them, also one that is not run', async () => {
  const signIn = 'signIn(input: { email: "a", password: "b" }) { __typename }';
  const document = parse(
    `query A { viewer { __typename } } mutation B { a: ${signIn} b: ${signIn} } mutation C { ${signIn} }`,
  );
  const { signIns, aliases, breadth, depth } = measureDocument(document, schema, {});
  expect({ signIns, aliases, breadth, depth }).toEqual({ signIns: 2, aliases: 2, breadth: 4, depth: 2 });
});

test('limits: a fragment bomb is refused, a cycle of fragments is invalid', async () => {
  const gateway = await openGateway();
  const doubling = repeat(20, (index) => `fragment F${index} on Key { ...F${index + 1} ...F${index + 1} }`);
  const bomb = `{ key(id: "x") { ...F0 } } ${doubling} fragment F20 on Key { id }`;
  expect(limitsOf(await gateway.ask(bomb)).map(({ limit, found }) => [limit, found])).toEqual([
    ['breadth', 2 ** 20 + 1],
    ['cost', 2 ** 20 + 1],
  ]);
  const circle = '{ key(id: "x") { ...A } } fragment A on Key { id ...B } fragment B on Key { name ...A }';
  const { errors } = await gateway.ask(circle);
  expect(errors?.map(({ message }) => message)).toContain('Cannot spread fragment "A" within itself via "B".');
  expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT']);
});

test('limits: the cost of a page follows first and last, from literals, variables and defaults', () => {
  const costOf = (args: string, variables = {}, declared = '($n: Int)') =>
    measureDocument(parse(`query ${declared} { keys${args} { edges { node { id } } } }`), schema, variables).cost;
  const withPage = (size: number) => 2 + 2 * size;
  expect(costOf('')).toBe(withPage(20));
  expect(costOf('(first: 7)')).toBe(withPage(7));
  expect(costOf('(first: 0)')).toBe(withPage(0));
  expect(costOf('(last: 7, before: "x")')).toBe(withPage(7));
  expect(costOf('(first: null)')).toBe(withPage(20));
  expect(costOf('(first: $n)', { n: 7 })).toBe(withPage(7));
  expect(costOf('(first: $n)', { n: null })).toBe(withPage(20));
  expect(costOf('(first: $n)')).toBe(withPage(20));
  expect(costOf('(first: $n)', {}, '($n: Int = 9)')).toBe(withPage(9));
  expect(costOf('(first: $n)', { n: 3 }, '($n: Int = 9)')).toBe(withPage(3));
  // What is no page counts as the largest: the list itself refuses it.
  for (const n of [101, 1e9, -1, 'x', [1], {}, true, Number.MAX_VALUE])
    expect(costOf('(first: $n)', { n })).toBe(withPage(100));
  expect(costOf('(first: 4294967296)')).toBe(withPage(100));
});

test('limits: a page of 100 keys with owner, scopes, labels, secrets and realm is within them; a larger page is refused by its field', async () => {
  const gateway = await openGateway();
  const query = `query ($first: Int) {
    keys(first: $first) {
      edges { cursor node { id name state standing stopsAt lastUsedAt owner { id name } scopes { action resource } labels { name value }
        secrets { start generation createdAt retiresAt } realm { id slug name } } }
      pageInfo { hasNextPage endCursor }
    }
  }`;
  const admin = await gateway.admin();
  expect(codesOf(await gateway.ask(query, { first: 100 }, admin))).toEqual([]);
  for (const first of [101, 100_000])
    expect(codesOf(await gateway.ask(query, { first }, admin))).toEqual(['BAD_USER_INPUT']);
});

test('limits: the full introspection queries of graphql-js and GraphiQL are within them', async () => {
  const gateway = await openGateway();
  const everything = {
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  };
  for (const query of [getIntrospectionQuery(), getIntrospectionQuery(everything)]) {
    const answer = await gateway.ask(query);
    expect(answer.errors).toBeUndefined();
    expect(answer.data['__schema'].types.length).toBeGreaterThan(100);
  }
  const wide = (count: number) => `{ __schema { types { fields { ${'name '.repeat(count)} } } } }`;
  expect(limitsOf(await gateway.ask(wide(249)))).toEqual([]);
  expect(limitsOf(await gateway.ask(wide(250)))).toEqual([
    { limit: 'introspection', found: 300_152, accepted: 300_000 },
  ]);
});

test('limits: endless braces and fields are refused by body, tokens or syntax', async () => {
  const { url, ask } = await openGateway();
  const tooLarge = await ask('{'.repeat(1_000_000));
  expect([tooLarge.status, tooLarge.errors?.[0]?.message]).toEqual([
    413,
    expect.stringContaining('at most 100000 are accepted'),
  ]);
  const nested = await ask('{a'.repeat(45_000));
  expect([nested.status, limitsOf(nested)]).toEqual([400, [{ limit: 'tokens', found: 1001, accepted: 1000 }]]);
  expect(codesOf(await ask('{'.repeat(90_000)))).toEqual(['BAD_USER_INPUT']);
  const lists = await ask(`{ keys(filter: ${'['.repeat(90_000)}`);
  expect(limitsOf(lists).map(({ limit }) => limit)).toEqual(['tokens']);
  const deep = `{"query":"query ($f: KeyFilter) { keys(filter: $f) { pageInfo { endCursor } } }","variables":{"f":${'['.repeat(45_000)}${']'.repeat(45_000)}}}`;
  expect(deep.length).toBeLessThan(GRAPHQL_BODY_MAX);
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: deep,
  });
  expect(codesOf((await response.json()) as TransportResponse)).toEqual(['BAD_USER_INPUT']);
});

test('limits: error messages cut off names and values that are as long as a body', async () => {
  const gateway = await openGateway();
  const name = 'n'.repeat(90_000);
  for (const query of [
    `{ ${name} }`,
    `query ${name} ($a: Int, $b: Int) { viewer { __typename } }`,
    `query ($${name}: Int) { viewer { __typename } }`,
  ]) {
    const answer = await gateway.ask(query);
    expect(answer.errors).not.toBeUndefined();
    expect(JSON.stringify(answer.errors).length).toBeLessThan(2_000);
  }
  const many = await gateway.ask(`query (${repeat(150, (index) => `$v${index}: Int`)}) { viewer { __typename } }`);
  expect(many.errors!.length).toBeLessThanOrEqual(21);
});

test('limits: several operations in one request are refused', async () => {
  const { url } = await openGateway();
  for (const count of [0, 1, 2, 50]) {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(Array.from({ length: count }, () => ({ query: '{ __typename }' }))),
    });
    expect([response.status, codesOf((await response.json()) as TransportResponse)]).toEqual([400, ['BAD_USER_INPUT']]);
  }
});

test('limits: each owner, consumer and day of a replay counts, as many as there may be', () => {
  const costOf = (list: string) =>
    measureDocument(
      parse(`query ($input: PreviewPolicyInput!) { previewPolicy(input: $input) { replay { ${list} } } }`),
      schema,
      {},
    ).cost;
  expect(costOf('consumers { key { id } }')).toBe(3 + 100 * 2);
  expect(costOf('owners { owner { id } }')).toBe(3 + 100 * 2);
  expect(costOf('byDay { failedCount }')).toBe(3 + 401);
});

test('limits: every list with an assumed size is in the schema', () => {
  for (const place of longLists.keys()) {
    const [typeName = '', fieldName = ''] = place.split('.');
    const type = schema.getType(typeName);
    expect(type !== undefined && 'getFields' in type && fieldName in type.getFields(), place).toBe(true);
  }
});

function around(limit: LimitName, of: (count: number) => Omit<Case, 'limit' | 'count'>): Case[] {
  const { accepted } = limits[limit];
  return [accepted, accepted + 1].map((count) => ({ limit, count, ...of(count) }));
}

/** A cheap document of that many tokens, within all other limits. */
function ofTokens(count: number): string {
  const withoutPadding = `{ ${'node(id: "x") @skip(if: false) { id } '.repeat(50)} ${'node(id: "x") { id } '.repeat(20)}`;
  const missingCount = count - tokenCount(withoutPadding) - 1;
  return `${withoutPadding} ${'__typename '.repeat(missingCount)} }`;
}

function tokenCount(text: string): number {
  const lexer = new Lexer(new Source(text));
  let count = 0;
  while (lexer.advance().kind !== TokenKind.EOF) count += 1;
  return count;
}

function ofDepth(count: number): string {
  const names = [
    'key(id: "x")',
    'events(first: 1)',
    'edges',
    'node',
    'key',
    'events(first: 1)',
    'edges',
    'node',
    'key',
    'owner',
    'name',
  ];
  const above = count === names.length ? names.slice(0, -1) : names.slice(0, count - 1);
  return `{ ${above.join(' { ')} { name ${'}'.repeat(above.length)} }`;
}

function repeat(count: number, of: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => of(index)).join(' ');
}

function codesOf({ errors = [] }: Pick<Answer, 'errors'> | TransportResponse): unknown[] {
  return errors.map(({ extensions }) => extensions['code']);
}

/** The limits that an operation was refused for. */
function limitsOf({
  errors = [],
}: Pick<Answer, 'errors'> | TransportResponse): { limit: string; found: number; accepted: number }[] {
  return errors.map(({ message, extensions: { code, ...told } }) => {
    expect(code, message).toBe('QUERY_TOO_COSTLY');
    return told as { limit: string; found: number; accepted: number };
  });
}
