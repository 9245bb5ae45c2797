import { expect, test } from 'vitest';
import { limits } from '../../src/graphql/limits/limit-table.ts';
import { GRAPHQL_BODY_MAX, GRAPHQL_BULK_BODY_MAX } from '../../src/http/graphql-route.ts';
import { openGateway, type Answer } from '../support/gateway.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';

const PUSH = { action: 'package:push', resource: 'Acme.*' };
const ISSUE_KEYS = mutationQuery('issueKeys', 'keys { key { id name expiresAt } secret secretUnavailable }');
const ROWS_ALONE = ISSUE_KEYS.replace('$input: IssueKeysInput!', '$keys: [IssuedKeyInput!]!').replace(
  'input: $input',
  'input: { realm: "default", keys: $keys }',
);
const rows = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, index) => ({ name: `key ${index}`, scopes: [PUSH], ...more }));

test('issueKeys: issues all keys in order, each with its secret and its event, and repeats the response', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { id: owner } = await gateway.person('ann');
  const keys = [
    ...rows(2),
    { name: 'key 2', scopes: [PUSH], owner, lifetime: 'P30D', labels: [{ name: 'a', value: 'b' }] },
  ];
  const input = { realm: 'default', keys, idempotencyKey: 'all at once' };
  const issue = async () => (await gateway.ask(ISSUE_KEYS, { input }, admin)).data['issueKeys'].keys as Issued[];
  const issued = await issue();
  expect(issued.map(({ key }) => key.name)).toEqual(['key 0', 'key 1', 'key 2']);
  expect(new Set(issued.map(({ key }) => key.id)).size).toBe(3);
  const verify = async ({ secret }: Issued) =>
    (await gateway.ask(VERIFY_KEY, { input: { secret } }, admin)).data['verifyKey'].outcome as string;
  expect(await verify(issued[1] as Issued)).toBe('VALID');
  const stored = await gateway.prisma.key.findMany({ include: { labels: true }, orderBy: { name: 'asc' } });
  expect(stored.map(({ labels }) => labels.length)).toEqual([0, 0, 1]);
  expect(stored[2]).toMatchObject({
    accountId: owner,
    chosenExpiresAt: new Date(gateway.clock.now().getTime() + 30 * 86_400_000),
  });
  const events = await gateway.prisma.event.findMany({ where: { type: 'KEY_ISSUED' }, orderBy: { position: 'asc' } });
  expect(events.map(({ keyId }) => keyId)).toEqual(issued.map(({ key }) => key.id));

  await gateway.services.uses.flush();
  const repeated = await issue();
  expect(repeated.map(({ key, secret, secretUnavailable }) => [key.id, secret, secretUnavailable])).toEqual(
    issued.map(({ key, secret }, index) => [key.id, index === 1 ? null : secret, index === 1]),
  );
  expect(await gateway.prisma.key.count()).toBe(3);
});

interface Issued {
  readonly key: { readonly id: string; readonly name: string };
  readonly secret: string;
  readonly secretUnavailable: boolean;
}

test('issueKeys: a refused row is named and no key is issued; up to 1,000 rows are accepted, all other limits stay', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const ask = (keys: readonly object[]): Promise<Answer> =>
    gateway.ask(ISSUE_KEYS, { input: { realm: 'default', keys } }, admin);
  const refused = async (row: object) => {
    const { data, errors } = await ask([...rows(2), { name: 'key 2', scopes: [PUSH], ...row }]);
    const failure = data?.['issueKeys'];
    return failure === undefined
      ? [errors?.[0]?.message, errors?.[0]?.extensions['path']]
      : [failure.message, failure.path];
  };
  expect(await refused({ name: '' })).toEqual([
    'keys[2]: name has 0 characters; expected at least 1',
    ['input', 'keys', '2', 'name'],
  ]);
  expect(await refused({ scopes: [] })).toEqual([
    'keys[2].scopes: found 0; a key has 1 to 100.',
    ['input', 'keys', '2', 'scopes'],
  ]);
  expect(await refused({ lifetime: 'P1D', expiresAt: '2030-01-01T00:00:00Z' })).toEqual([
    'keys[2]: Found both expiresAt and lifetime; expected at most one of them.',
    ['input', 'keys', '2', 'lifetime'],
  ]);
  for (const [row, path, start] of [
    [{ lifetime: 'PT1H' }, ['input', 'keys', '2'], /^keys\[2\]: The expiry would be/],
    [
      { scopes: [{ action: 'image:pull', resource: '*' }] },
      ['input', 'keys', '2', 'scopes', '0'],
      /^keys\[2\]: image:pull is not/,
    ],
    [{ owner: 'account_01m844evt8fhatnd989cp557ja' }, ['input', 'keys', '2', 'owner'], /^keys\[2\]: There is no owner/],
    [{ publicKey: '{}' }, ['input', 'keys', '2', 'publicKey'], /^keys\[2\]: The public key has no kty/],
  ] as const) {
    expect(await refused(row)).toEqual([expect.stringMatching(start), path]);
  }
  expect(await gateway.prisma.key.count()).toBe(0);

  const { accepted } = limits.bulkList;
  const { data } = await ask(rows(accepted, { labels: [{ name: 'batch', value: 'x'.repeat(200) }] }));
  expect(data['issueKeys'].keys).toHaveLength(accepted);
  expect(await gateway.prisma.label.count()).toBe(accepted);
  expect((await gateway.ask(ROWS_ALONE, { keys: rows(201) }, admin)).data['issueKeys'].keys).toHaveLength(201);
  for (const [query, variables] of [
    [ISSUE_KEYS, { input: { realm: 'default', keys: rows(accepted + 1) } }],
    [ROWS_ALONE, { keys: rows(accepted + 1) }],
  ] as const) {
    expect((await gateway.ask(query, variables, admin)).errors).toMatchObject([
      { extensions: { code: 'QUERY_TOO_COSTLY', limit: 'bulkList', found: accepted + 1, accepted } },
    ]);
  }

  // All other limits stay: other lists, literals, other operations, and callers without a valid credential.
  expect((await ask(rows(1, { labels: rows(201) }))).errors).toMatchObject([{ extensions: { limit: 'list' } }]);
  const literal = ISSUE_KEYS.replace('$input: IssueKeysInput!', '$name: String!').replace(
    'input: $input',
    `input: { realm: "default", keys: [${'{name: $name, scopes: []}'.repeat(201)}] }`,
  );
  expect(JSON.stringify((await gateway.ask(literal, { name: 'a' }, admin)).errors)).toContain('"QUERY_TOO_COSTLY"');
  const long = { input: { secret: 'x'.repeat(GRAPHQL_BODY_MAX) } };
  expect(await gateway.ask(VERIFY_KEY, long, admin)).toMatchObject({
    status: 413,
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  });
  const wide = rows(500, { labels: [{ name: 'batch', value: 'x'.repeat(256) }] });
  for (const credential of [null, 'kt_unknown', `${admin}x`]) {
    const answer = await gateway.ask(ISSUE_KEYS, { input: { realm: 'default', keys: wide } }, credential);
    expect(answer.status).toBe(413);
  }
  const tooLong = rows(1, { name: 'x'.repeat(GRAPHQL_BULK_BODY_MAX) });
  expect((await ask(tooLong)).status).toBe(413);
  expect(await gateway.prisma.key.count()).toBe(accepted + 201);
});
