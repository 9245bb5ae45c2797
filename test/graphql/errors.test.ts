import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { STALE_MS } from '../../src/keys/table/key-table.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { ADMIN } from '../support/first-node.ts';
import { openGateway, type Answer } from '../support/gateway.ts';
import { ISSUE_KEY, RENEW_KEY, VERIFY_KEY } from '../support/operations.ts';
import { askAs, expectMasked, LEAK } from './error-leaks.ts';

const silent = { info() {}, warn() {} };

test('errors: a result that does not fit its field’s type is an internal error', async () => {
  const gateway = await openGateway({ isOpen: false });
  const field = schema.getQueryType()!.getFields()['realm']!;
  const credential = await gateway.admin();
  const answers: (() => unknown)[] = [
    () => ({ slug: { [LEAK]: LEAK } }),
    () => ({ slug: 'x', name: null }),
    () => ({ slug: 'x', name: [LEAK, LEAK] }),
    () => Promise.reject(new GraphQLError(LEAK)),
    () => Promise.reject(new GraphQLError(LEAK, { extensions: { code: LEAK } })),
  ];
  const original = field.resolve;
  onTestFinished(() => void (field.resolve = original));
  for (const answer of answers) {
    field.resolve = answer;
    const requestId = randomUUID();
    const use = { field: 'Query.realm', query: '{ realm(slug: "default") { slug name } }' };
    expectMasked(gateway, await askAs(requestId, gateway, use, { variables: {}, credential }), requestId, use.field);
  }
});

test('errors: messages do not repeat secret values of the input', async () => {
  const gateway = await openGateway({ isOpen: true });
  const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
  const password = 'KTLEAK the password';
  const secret = `kt_${'K'.repeat(49)}`;
  const cases: readonly (readonly [string, object])[] = [
    [signIn, { input: { email: 'a', password, more: 1 } }],
    [signIn, { input: { password } }],
    [signIn, { input: { email: 'a', password: [password] } }],
    [signIn, { input: { email: 'a', password: { password } } }],
    [`mutation { signIn(input: { email: "a", password: ["${password}"] }) { __typename } }`, {}],
    [`mutation { signIn(input: { password: "${password}" }) { __typename } }`, {}],
    [`mutation { signIn(input: { email: "a", password "${password}" }) { __typename } }`, {}],
    [`mutation { signIn(input: { email: "a", password """${password}""" }) { __typename } }`, {}],
    ['query ($n: Int) { keys(first: $n) { pageInfo { endCursor } } }', { n: secret }],
    [`{ ${secret} }`, {}],
    [`{ keys(first: "${secret}") { pageInfo { endCursor } } }`, {}],
  ];
  for (const [query, variables] of cases) {
    const { errors = [] } = await gateway.ask(query, variables);
    expect(
      errors.map(({ extensions }) => extensions['code']),
      query,
    ).toContain('BAD_USER_INPUT');
    expect(JSON.stringify(errors), query).not.toMatch(/KTLEAK|KKKKK/);
  }
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: `{"query": "${password}`,
  });
  expect([response.status, await response.json()]).toEqual([
    400,
    { errors: [{ message: 'POST body sent invalid JSON.', extensions: { code: 'BAD_USER_INPUT' } }] },
  ]);
});

test('errors: an argument that is malformed only with its variables is BAD_USER_INPUT', async () => {
  const gateway = await openGateway();
  const query = 'query ($slug: String = "default") { realm(slug: $slug) { id } }';
  const { errors } = await gateway.ask(query, { slug: null }, await gateway.admin());
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(gateway.logged.some((line) => line.includes('operation failed'))).toBe(false);
});

test('errors: a response with data is 200 whatever its errors; one without data has the status of its error', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const refused = '{ forecast(horizon: "P400D") { startsAt } }';
  expect(await gateway.ask(refused, {}, admin)).toMatchObject({ status: 400, data: null });
  const field = schema.getQueryType()!.getFields()['realm']!;
  const original = field.resolve;
  onTestFinished(() => void (field.resolve = original));
  field.resolve = () => {
    throw new Error(LEAK);
  };
  const partial = await gateway.ask('{ __typename realm(slug: "x") { id } }', {}, admin);
  expect(partial).toMatchObject({ status: 200, data: { __typename: 'Query', realm: null } });
  expect(partial.errors).toMatchObject([{ path: ['realm'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
});

test(
  'errors: without its database the gateway answers 503, never a refusal, and recovers with it',
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keytide-errors-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const start = async () => {
      const embedded = await startEmbedded({ folder, fsync: false, log: silent });
      onTestFinished(() => embedded.stop());
      return embedded;
    };
    const database = await start();
    await migrate(database.connectionString, { log: silent });
    const gateway = await openGateway({ database: database.connectionString, isOpen: false });
    const session = await gateway.admin();
    const input = { realm: 'default', name: 'k', scopes: [{ action: 'keytide:verify', resource: '**' }] };
    const { secret } = (await gateway.ask(ISSUE_KEY, { input }, session)).data['issueKey'];
    const viewer = '{ viewer { __typename } }';
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
    const revoke = 'mutation ($input: RevokeKeyInput!) { revokeKey(input: $input) { __typename } }';
    const operations: readonly (readonly [string, object, string | null])[] = [
      [viewer, {}, session],
      [viewer, {}, secret],
      ['{ viewer { __typename } logCursor }', {}, session],
      [VERIFY_KEY, { input: { secret } }, session],
      [VERIFY_KEY, { input: { secret } }, secret],
      [RENEW_KEY, { input: {} }, secret],
      [ISSUE_KEY, { input }, session],
      [signIn, { input: ADMIN }, null],
      [revoke, { input: { secret, reason: 'leaked' } }, null],
    ];

    const underWay = Array.from({ length: 40 }, (_, index) =>
      gateway.ask(viewer, {}, index % 2 === 0 ? session : secret),
    );
    await database.stop();
    for (const answer of await Promise.all(underWay)) {
      if (answer.status !== 200) expectUnavailable(answer);
    }
    // A node answers from memory until then.
    gateway.clock.advance(STALE_MS + 1);
    for (const [query, variables, credential] of [...operations, ...operations]) {
      const answer = await gateway.ask(query, variables, credential);
      expectUnavailable(answer);
      expect(answer.data ?? null).toBeNull();
    }
    const page = await fetch(`${gateway.url}/graphql`, {
      headers: { Accept: 'text/html', Authorization: `Bearer ${secret}` },
    });
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '1']);

    await start();
    const answer = await gateway.ask(VERIFY_KEY, { input: { secret } }, secret);
    expect(answer).toMatchObject({ status: 200, data: { verifyKey: { outcome: 'VALID' } } });
  },
);

function expectUnavailable({ status, headers, errors }: Answer): void {
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('1');
  expect(errors?.map(({ message, extensions }) => [message, extensions])).toEqual([
    ['The database is unavailable. Try again.', { code: 'UNAVAILABLE', retryAfter: 1 }],
  ]);
}
