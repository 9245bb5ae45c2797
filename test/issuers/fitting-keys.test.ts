import { expect, test } from 'vitest';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import { openIssuerWorld, type IssuerWorld } from '../support/issuer-world.ts';
import { jwkOf, newKey, openTestIssuer, signToken, type SigningKey } from '../support/test-issuer.ts';

const EXPLAIN = `query ($input: ExplainTokenInput!) { explainToken(input: $input) {
  problems rules { isMatch refused conditions { claim equals found holds } omittedLabels { name claim problem } }
} }`;

async function explain({ gateway }: IssuerWorld, input: object) {
  const { data, errors } = await gateway.ask(EXPLAIN, { input: { realm: 'default', ...input } }, await gateway.admin());
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data['explainToken'];
}

const kinds: readonly SigningKey['alg'][] = ['RS256', 'ES256', 'EdDSA'];

test.for(kinds)('keys: of several %s keys each is tried for a token without kid, also by explainToken', async (alg) => {
  const keys = ['one', 'two', 'three'].map((kid) => newKey(kid, alg));
  const tokens = await openIssuerWorld({ issuer: await openTestIssuer(keys) });
  for (const key of keys) {
    const token = signToken(key, tokens.claims(), { alg, typ: 'JWT' });
    expect((await explain(tokens, { token })).problems).toEqual([]);
    expect((await tokens.exchange(token)).status).toBe(200);
  }
  const stranger = signToken(newKey('other', alg), tokens.claims(), { alg });
  expect((await tokens.exchange(stranger)).description).toContain('not signed by a key of its issuer');
  const old = signToken(keys[2]!, tokens.claims({ exp: 1 }), { alg });
  expect((await tokens.exchange(old)).description).toContain('expired');
});

test('keys: of two keys with one kid each is tried, published or imported', async () => {
  const keys = [newKey('same'), newKey('same')];
  const published = await openIssuerWorld({ issuer: await openTestIssuer(keys) });
  const imported = await openIssuerWorld({ trust: { keySet: { keys: keys.map(jwkOf) } } });
  for (const tokens of [published, imported]) {
    for (const key of keys) {
      const token = signToken(key, tokens.claims());
      expect((await explain(tokens, { token })).problems).toEqual([]);
      expect((await tokens.exchange(token)).status).toBe(200);
    }
    const stranger = signToken(newKey('same'), tokens.claims());
    expect((await tokens.exchange(stranger)).description).toContain('not signed by a key of its issuer');
  }
});

test('claims: a list or an object is shown as it is and meets no condition; an empty text meets an empty text', async () => {
  const condition = (claim: string, equals: string) => ({ claim, equals });
  const conditions = [condition('groups', 'acme'), condition('base_ref', ''), condition('nested', 'x')];
  const tokens = await openIssuerWorld({ rule: { conditions } });
  const claims = { groups: ['acme', 'b'], base_ref: '', nested: { a: 1 } };
  const explained = await explain(tokens, { claims: tokens.claims(claims) });
  expect(explained.rules[0]).toMatchObject({
    isMatch: false,
    conditions: [
      { claim: 'groups', found: '["acme","b"]', holds: false },
      { claim: 'base_ref', equals: '', found: '', holds: true },
      { claim: 'nested', found: '{"a":1}', holds: false },
    ],
  });
  const absent = await explain(tokens, { claims: tokens.claims({ base_ref: null }) });
  expect(absent.rules[0].conditions.map(({ found, holds }: any) => [found, holds])).toEqual([
    [null, false],
    [null, false],
    [null, false],
  ]);
  const other = { audience: 'https://keytide.test/empty' };
  const empty = await openIssuerWorld({ trust: other, rule: { conditions: [condition('base_ref', '')] } });
  const push = (more: object) => empty.exchange(empty.token({ aud: other.audience, ...more }));
  expect((await push({ base_ref: '' })).status).toBe(200);
  expect((await push({ base_ref: 'main' })).description).toContain('No rule');
  expect((await push({})).description).toContain('No rule');
});

test('claims: a claim that is too long or no text gives no label, and explainToken and the event say so', async () => {
  const claimLabels = ['ref', 'groups', 'empty', 'missing', 'team'].map((name) => ({ name, claim: name }));
  const tokens = await openIssuerWorld({ rule: { claimLabels } });
  const claims = { ref: `refs/heads/${'x'.repeat(300)}`, groups: ['a'], empty: '' };
  const expected = [
    { name: 'ref', claim: 'ref', problem: expect.stringContaining('256') },
    { name: 'groups', claim: 'groups', problem: expect.stringContaining('not a text') },
  ];
  const token = tokens.token(claims);
  expect((await explain(tokens, { token })).rules[0].omittedLabels).toEqual(expected);
  const { keyId } = await tokens.exchange(token);
  const { data } = await tokens.gateway.prisma.event.findFirstOrThrow({ where: { keyId, type: 'KEY_ISSUED' } });
  expect((data as any).omittedLabels).toEqual(expected);
  const DETAIL = `query ($id: ID!) { key(id: $id) { labels { name } events(first: 1) { edges { node {
    detail { ... on KeyIssuedDetail { omittedLabels { name claim problem } } }
  } } } } }`;
  const { key } = (await tokens.gateway.ask(DETAIL, { id: keyId }, await tokens.gateway.admin())).data;
  expect(key.events.edges[0].node.detail.omittedLabels).toEqual(expected);
  expect(key.labels.map(({ name }: any) => name).sort()).toEqual(['ci/consumer', 'team']);
  const short = await tokens.exchange(tokens.token({ ref: 'refs/heads/main' }));
  const issued = { keyId: short.keyId, type: 'KEY_ISSUED' };
  const plain = await tokens.gateway.prisma.event.findFirstOrThrow({ where: issued });
  expect(plain.data).not.toHaveProperty('omittedLabels');
});

test('claims: the consumer, a nested claim and a text of two lines are reported as omitted labels too; 256 characters fit', async () => {
  const claimLabels = [
    { name: 'nested', claim: '/nested/ref' },
    { name: 'lines', claim: 'lines' },
    { name: 'fits', claim: 'fits' },
  ];
  const tokens = await openIssuerWorld({ rule: { claimLabels } });
  const long = 'y'.repeat(257);
  const token = tokens.token({ sub: `repo:${long}`, nested: { ref: long }, lines: 'a\nb', fits: 'z'.repeat(256) });
  const expected = [
    { name: 'ci/consumer', claim: 'sub', problem: expect.stringContaining('256') },
    { name: 'nested', claim: '/nested/ref', problem: expect.stringContaining('256') },
    { name: 'lines', claim: 'lines', problem: expect.any(String) },
  ];
  expect((await explain(tokens, { token })).rules[0].omittedLabels).toEqual(expected);
  const { keyId } = await tokens.exchange(token);
  const issued = { keyId, type: 'KEY_ISSUED' };
  const { data } = await tokens.gateway.prisma.event.findFirstOrThrow({ where: issued });
  expect((data as any).omittedLabels).toEqual(expected);
  const labels = await tokens.gateway.prisma.label.findMany({ where: { keyId }, select: { name: true } });
  expect(labels).toEqual([{ name: 'fits' }]);
});

test('claims: a stored condition with a field that this release does not know accepts no token', async () => {
  const tokens = await openIssuerWorld();
  const token = tokens.token();
  const store = (condition: Prisma.InputJsonObject) =>
    tokens.gateway.prisma.tokenRule.update({ where: { id: tokens.ruleId }, data: { conditions: [condition] } });
  // As a newer release may store it.
  await store({ claim: 'team', equals: 'acme', matches: null, unlessForked: true });
  expect((await explain(tokens, { token })).rules[0]).toMatchObject({
    isMatch: false,
    conditions: [{ claim: 'team', found: 'acme', holds: false }],
  });
  expect((await tokens.exchange(token)).description).toContain('No rule');
  await store({ claim: 'team', equals: 'acme', matches: null });
  expect((await tokens.exchange(token)).status).toBe(200);
});
