import { expect, test } from 'vitest';
import { authenticate } from '../../src/accounts/authenticate.ts';
import { maySeeEvent } from '../../src/log/visible-events.ts';
import { openGateway } from '../support/gateway.ts';
import { MutationWorld } from '../support/mutation-world.ts';
import { jobKeySet, trustJob } from '../support/trusted-job.ts';

test('issuers: each change records one event, which only administrators see', async () => {
  const gateway = await openGateway({ isClockTrusted: () => false });
  const world = new MutationWorld(gateway);
  const { issuerId, ruleId, realm, url, audience, terms } = await trustJob(world);
  const { id: person, token: persons } = await gateway.person('olga');
  const { realmId } = await gateway.prisma.trustedIssuer.findUniqueOrThrow({ where: { id: issuerId } });
  const from = (await gateway.prisma.logHead.findFirstOrThrow()).position;
  const { owner } = terms as { owner: string };
  await world.mutate('updateIssuer', { issuerId, name: 'jobs', audience: 'elsewhere' }, 'issuer { id }');
  await world.mutate('updateIssuer', { issuerId }, 'issuer { id }');
  await world.mutate('updateTokenRule', { ruleId, name: 'other', owner: person }, 'rule { id }');
  await world.mutate('updateTokenRule', { ruleId }, 'rule { id }');
  await world.mutate('removeTokenRule', { ruleId, reason: 'done' }, 'rule { id }');
  await world.mutate('distrustIssuer', { issuerId, reason: 'moved' }, 'issuer { id }');
  const events = await gateway.prisma.event.findMany({ where: { ownerId: realmId }, orderBy: { position: 'asc' } });
  const recorded = events.map(({ type, reason, data }) => ({ type, reason, data }));
  expect(recorded).toEqual([
    { type: 'ISSUER_TRUSTED', reason: null, data: { issuerId, url, audience, preset: null, isImported: true } },
    { type: 'TOKEN_RULE_ADDED', reason: null, data: { issuerId, ruleId, name: 'release', owner } },
    {
      type: 'ISSUER_UPDATED',
      reason: null,
      data: {
        issuerId,
        changed: ['name', 'audience'],
        audience: 'elsewhere',
        before: { name: expect.any(String), audience },
        after: { name: 'jobs', audience: 'elsewhere' },
      },
    },
    {
      type: 'TOKEN_RULE_UPDATED',
      reason: null,
      data: {
        issuerId,
        ruleId,
        changed: ['name', 'owner'],
        before: { name: 'release', owner },
        after: { name: 'other', owner: person },
      },
    },
    { type: 'TOKEN_RULE_REMOVED', reason: 'done', data: { issuerId, ruleId, name: 'other' } },
    { type: 'ISSUER_DISTRUSTED', reason: 'moved', data: { issuerId, url } },
  ]);
  expect(events.filter(({ position }) => position > from)).toHaveLength(4);
  const key = await world.mutate(
    'issueKey',
    { realm, name: 'reader', scopes: [{ action: 'keytide:read', resource: '**' }] },
    'secret',
  );
  for (const [credential, sees] of [
    [await gateway.admin(), true],
    [persons, false],
    [key.secret, false],
  ] as [string, boolean][]) {
    const { caller } = await authenticate(gateway.services, `Bearer ${credential}`, '127.0.0.1');
    expect(events.map((event) => maySeeEvent(caller, event))).toEqual(events.map(() => sees));
  }
});

test('issuers: trusted issuers and their rules can be read page by page until they are removed', async () => {
  const gateway = await openGateway({ isClockTrusted: () => false });
  const world = new MutationWorld(gateway);
  const { issuerId, ruleId, realm, url, audience, terms } = await trustJob(world);
  gateway.clock.advance(1);
  const younger = (await world.mutate('addTokenRule', { ...terms, name: 'younger' }, 'rule { id }')).rule.id;
  const query = `query ($realm: String!, $after: String) { realm(slug: $realm) { issuers(first: 5) { edges { node {
    id name url preset audience keySet
    rules(first: 1, after: $after) {
      edges { node { id name conditions { claim equals matches } scopes { action resource } labels { name value } claimLabels { name claim } owner { id } } }
      pageInfo { hasNextPage endCursor }
    }
  } } } } }`;
  const read = async (after?: string) =>
    (await gateway.ask(query, { realm, after }, await gateway.admin())).data['realm'].issuers.edges.map(
      ({ node }: any) => node,
    );
  const [issuer] = await read();
  const { issuerId: _issuerId, owner, conditions, ...plainTerms } = terms as any;
  expect(issuer).toMatchObject({
    id: issuerId,
    name: new URL(url).host,
    url,
    preset: null,
    audience,
    keySet: jobKeySet,
  });
  expect(issuer.rules.edges).toEqual([
    {
      node: {
        id: ruleId,
        ...plainTerms,
        conditions: conditions.map((condition: object) => ({ ...condition, matches: null })),
        owner: { id: owner },
      },
    },
  ]);
  expect(issuer.rules.pageInfo.hasNextPage).toBe(true);
  const [next] = await read(issuer.rules.pageInfo.endCursor);
  expect(next.rules.edges.map(({ node }: any) => node.id)).toEqual([younger]);
  await world.mutate('removeTokenRule', { ruleId }, 'rule { id }');
  expect((await read())[0].rules.edges.map(({ node }: any) => node.id)).toEqual([younger]);
  await world.mutate('distrustIssuer', { issuerId }, 'issuer { id }');
  expect(await read()).toEqual([]);
  // Its id in events still finds it.
  const node = `query ($id: ID!) { node(id: $id) { ... on TrustedIssuer { url distrustedAt } } }`;
  const { data } = await gateway.ask(node, { id: issuerId }, await gateway.admin());
  expect(data['node']).toEqual({ url, distrustedAt: gateway.clock.now().toISOString() });
});

test('issuers: the idempotent repeat of a removal returns the same result', async () => {
  const gateway = await openGateway({ isClockTrusted: () => false });
  const world = new MutationWorld(gateway);
  const { issuerId, ruleId } = await trustJob(world);
  const end = async (idempotencyKey: string) => [
    await world.mutate('removeTokenRule', { ruleId, idempotencyKey }, 'rule { id removedAt }'),
    await world.mutate('distrustIssuer', { issuerId, idempotencyKey }, 'issuer { id distrustedAt }'),
  ];
  const first = await end('once');
  expect(await end('once')).toEqual(first);
  await expect(end('twice')).rejects.toThrow('TOKEN_RULE_NOT_FOUND');
});

test('issuers: of realms that trust one issuer for one audience at once, one succeeds', async () => {
  const gateway = await openGateway({ isClockTrusted: () => false });
  const world = new MutationWorld(gateway);
  const realms = [await world.realm(), await world.realm(), await world.realm(), await world.realm()];
  const mutation = 'mutation ($input: TrustIssuerInput!) { trustIssuer(input: $input) { __typename } }';
  const admin = await gateway.admin();
  const answers = await Promise.all(
    realms.map((realm) => {
      const input = { realm, url: 'https://jobs.example', audience: 'us', keySet: jobKeySet };
      return gateway.ask(mutation, { input }, admin);
    }),
  );
  const types = answers.map(({ data }) => data['trustIssuer'].__typename).toSorted();
  expect(types).toEqual(['IssuerExists', 'IssuerExists', 'IssuerExists', 'TrustIssuerSuccess']);
});

test('issuers: exchanged keys are marked, and can be filtered', async () => {
  const gateway = await openGateway({ isClockTrusted: () => false });
  const world = new MutationWorld(gateway);
  const { token } = await trustJob(world);
  const { id: issued } = await world.key();
  const exchanged = (await world.mutate('exchangeToken', { token: token() }, 'key { id }', null)).key.id;
  const query =
    'query ($filter: KeyFilter) { keys(filter: $filter) { edges { node { id isExchanged issuedBy { id } } } } }';
  const listed = async (filter: object) =>
    (await gateway.ask(query, { filter }, await gateway.admin())).data['keys'].edges.map(({ node }: any) => [
      node.id,
      node.isExchanged,
      node.issuedBy === null,
    ]);
  expect(await listed({ exchanged: true })).toEqual([[exchanged, true, true]]);
  expect(await listed({ exchanged: false })).toEqual([[issued, false, false]]);
  expect(await listed({})).toHaveLength(2);
});
