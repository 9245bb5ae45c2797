import { expect, test } from 'vitest';
import { AUDIENCE, openIssuerWorld } from '../support/issuer-world.ts';
import { jwkOf, newKey } from '../support/test-issuer.ts';

const EXPLAIN = `query ($input: ExplainTokenInput!) { explainToken(input: $input) {
  problems issuer { name audience } rules { rule { name issuer { id } owner { id } } isMatch refused conditions { claim equals matches found holds } }
} }`;

test('explain: shows which rule matches, and which condition of the others fails', async () => {
  const tokens = await openIssuerWorld();
  const { gateway, issuerId, ownerId, issuer } = tokens;
  gateway.clock.advance(1);
  await tokens.addRule({
    name: 'branches',
    conditions: [
      { claim: 'team', equals: 'acme' },
      { claim: 'ref', matches: 'refs/heads/*' },
    ],
  });
  const ask = async (input: object) =>
    (await gateway.ask(EXPLAIN, { input: { realm: 'default', ...input } }, await gateway.admin())).data['explainToken'];
  const name = `127.0.0.1:${issuer.port}`;
  const rule = (name: string) => ({ name, issuer: { id: issuerId }, owner: { id: ownerId } });
  const team = { claim: 'team', equals: 'acme', matches: null };
  const ref = { claim: 'ref', equals: null, matches: 'refs/heads/*' };
  expect(await ask({ claims: tokens.claims({ ref: 'refs/heads/a/b' }) })).toEqual({
    problems: [],
    issuer: { name, audience: AUDIENCE },
    rules: [
      { rule: rule('release'), isMatch: true, refused: null, conditions: [{ ...team, found: 'acme', holds: true }] },
      {
        rule: rule('branches'),
        isMatch: false,
        refused: null,
        conditions: [
          { ...team, found: 'acme', holds: true },
          { ...ref, found: 'refs/heads/a/b', holds: false },
        ],
      },
    ],
  });
  const other = await ask({ claims: { iss: issuer.url, aud: ['a', 'b'], team: 'Acme' } });
  expect(other.problems).toEqual([`Its aud is not a single string; this realm expects ${AUDIENCE}.`]);
  expect(other.rules.map(({ isMatch }: { isMatch: boolean }) => isMatch)).toEqual([false, false]);
  expect(await ask({ claims: { iss: 'https://other.example' } })).toEqual({
    problems: ['Its iss is https://other.example; this realm does not trust that issuer.'],
    issuer: null,
    rules: [],
  });
  await gateway.prisma.trustedIssuer.updateMany({ data: { preset: 'GITLAB' } });
  expect((await ask({ claims: tokens.claims({ jti: undefined }) })).problems).toEqual(['The token has no jti.']);
});

test('explain: a token is verified as in an exchange, and is not used up', async () => {
  const tokens = await openIssuerWorld();
  const { gateway } = tokens;
  const problems = async (token: string) =>
    (await gateway.ask(EXPLAIN, { input: { realm: 'default', token } }, await gateway.admin())).data['explainToken']
      .problems;
  const token = tokens.token();
  expect(await problems(token)).toEqual([]);
  expect(await problems(tokens.token({}, newKey('one')))).toEqual(['The token is not signed by a key of its issuer.']);
  expect(await problems(tokens.token({ exp: 1 }))).toEqual([
    'The token has expired: exp is in the past, or iat is more than a day ago.',
  ]);
  expect(await problems(tokens.token({ aud: 'https://other.example' }))).toEqual([
    `Its aud is https://other.example; this realm expects ${AUDIENCE}.`,
  ]);
  expect(await problems('what')).toEqual(['The token is not a signed JWT.']);
  expect((await tokens.exchange(token)).status).toBe(200);
  expect(await problems(token)).toEqual(['The token was already exchanged.']);
});

test('explain: names the refused context', async () => {
  const preset = {
    preset: 'GITHUB_ACTIONS',
    url: null,
    keySet: { keys: [jwkOf(newKey('a'))] },
  };
  const tokens = await openIssuerWorld({
    trust: preset,
    rule: { conditions: [{ claim: 'repository_id', equals: '74' }] },
  });
  const claims = {
    ...tokens.claims(),
    iss: 'https://token.actions.githubusercontent.com',
    repository_id: '74',
    event_name: 'pull_request_target',
  };
  const { gateway } = tokens;
  const { data } = await gateway.ask(EXPLAIN, { input: { realm: 'default', claims } }, await gateway.admin());
  expect(data['explainToken'].rules[0]).toMatchObject({ isMatch: false, refused: 'event_name: pull_request_target' });
});

test('explain: callers other than administrators learn nothing', async () => {
  const tokens = await openIssuerWorld();
  const { gateway } = tokens;
  const { token: person } = await gateway.person('olga');
  const { secret } = await tokens.exchange(tokens.token());
  const inputs = [
    { realm: 'default', claims: tokens.claims() },
    { realm: 'default', token: tokens.token() },
    { realm: 'nowhere', claims: {} },
    { realm: 'default' },
  ];
  for (const credential of [person, secret]) {
    for (const input of inputs) {
      const { data, errors } = await gateway.ask(EXPLAIN, { input }, credential);
      expect([data, errors?.map(({ message }) => message)]).toEqual([
        null,
        ['Only administrators may have tokens explained.'],
      ]);
    }
    const query = `{ realm(slug: "default") { issuers { edges { node { id } } } } node(id: "${tokens.issuerId}") { id } rule: node(id: "${tokens.ruleId}") { id } }`;
    const { data } = await gateway.ask(query, {}, credential);
    expect(data).toEqual({ realm: { issuers: { edges: [] } }, node: null, rule: null });
  }
  const { errors } = await gateway.ask(EXPLAIN, { input: inputs[0] });
  expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
});
