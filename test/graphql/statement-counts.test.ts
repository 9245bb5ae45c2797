import { Client } from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import { sweepBatch } from '../../src/keys/sweep.ts';
import { systemRandom } from '../../src/store/random.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, recordNumberedEvents } from '../support/issue.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { makeManyKeys } from '../support/many-keys.ts';

/** What a console shows of a key on one page, in as many queries as the limit on cost makes of it. */
const PARTS = [
  'id name state standing stopsAt stopsBasis neverUsed owner { id name ... on Account { email } } scopes { action resource } labels { name value }',
  'id secrets { start generation retiresAt } holds { source reason } rotation { previousRetiresAt moved notMoved } renewalInfo { allowed suggestedAt longest }',
  'id owner { name } issuedBy { kind id name } realm { slug minimumNotice actions { name } }',
  'id explanation { summary decidedBy { sentence } waitingStop { to brake { state } } verdicts { decides } }',
  'id explanation { verdicts { binding { title } } }',
];

/** All of it at once: of ten keys that is within the limit. */
const ALL = PARTS.join(' ');

const keysQuery = (part: string) =>
  `query ($first: Int!, $orderBy: KeyOrder) { keys(first: $first, orderBy: $orderBy) { pageInfo { hasNextPage } edges { node { ${part} } } } }`;
const organizationQuery = (part: string) =>
  `query ($first: Int!, $id: ID!) { organization(id: $id) { keys(first: $first) { edges { node { ${part} } } } } }`;

test('statements: a page of 100 keys takes as many as a page of 10, for every selection', async () => {
  const { gateway, organizationId } = await openFullGateway();
  const token = await gateway.admin();
  const asked = PARTS.flatMap((part) => [
    [keysQuery(part), {}] as const,
    [keysQuery(part), { orderBy: { field: 'STOPS_AT', direction: 'DESC' } }] as const,
    [organizationQuery(part), { id: organizationId }] as const,
  ]);
  for (const [query, variables] of asked) {
    const short = await statementsOf(() => gateway.ask(query, { ...variables, first: 10 }, token));
    const long = await statementsOf(() => gateway.ask(query, { ...variables, first: 100 }, token));
    const list = (data: Record<string, any>) => (data['keys'] ?? data['organization'].keys).edges;
    expect([list(short.answer.data).length, list(long.answer.data).length]).toEqual([10, 100]);
    expect(long.statements).toEqual(short.statements);
    for (const { node } of list(long.answer.data)) {
      if ('explanation' in node) expect(node.explanation.verdicts.length).toBeGreaterThanOrEqual(4);
    }
    // One proves the session, one reads the keys, and each kind of thing that hangs on them takes one.
    expect(long.statements.length).toBeLessThanOrEqual(14);
  }
});

test('statements: a typical list takes one for each table', async () => {
  const { gateway } = await openFullGateway();
  const query = /* GraphQL */ `
    {
      keys(first: 100) {
        edges {
          node {
            name
            owner {
              name
            }
            scopes {
              action
            }
            secrets {
              start
            }
            realm {
              slug
            }
          }
        }
      }
    }
  `;
  const token = await gateway.admin();
  const { answer, statements } = await statementsOf(() => gateway.ask(query, {}, token));
  expect(answer.data['keys'].edges).toHaveLength(100);
  expect(statements).toEqual(['Account', 'Key', 'Organization', 'Realm', 'Secret', 'Session', 'Subject']);
});

test('statements: a verification that a node answers from memory takes none, the authentication of the verifier included', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { secret } = await issue(gateway, admin);
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  const verifier = await issue(gateway, admin, { scopes });
  const input = { secret, action: 'package:push', resource: 'Acme.Core', consumer: 'ci' };
  const ways = [
    async () => (await gateway.ask(VERIFY_KEY, { input }, verifier.secret)).data['verifyKey'],
    async () => {
      const headers = { Authorization: `Bearer ${verifier.secret}`, 'Content-Type': 'application/json' };
      const body = JSON.stringify({ items: [input, input] });
      const response = await fetch(`${gateway.url}/verify`, { method: 'POST', headers, body });
      return ((await response.json()) as { items: unknown[] }).items[1];
    },
  ];
  for (const way of ways) {
    await way();
    // Its first use is written at once, which changes the key.
    await gateway.services.uses.flush();
    await gateway.services.follower.catchUp();
    await way();
    const { answer, statements } = await statementsOf(way);
    expect(answer).toMatchObject({ outcome: 'VALID', scopeChecked: true });
    expect(statements).toEqual([]);
  }
});

test('statements: one key, by `key` or `node`, takes no more than a page of keys', async () => {
  const { gateway } = await openFullGateway();
  const token = await gateway.admin();
  const id = (await gateway.prisma.key.findFirstOrThrow()).id;
  const page = await statementsOf(() => gateway.ask(keysQuery(ALL), { first: 10 }, token));
  for (const field of ['key', 'node']) {
    const query = `query ($id: ID!) { ${field}(id: $id) { ... on Key { ${ALL} } } }`;
    const one = await statementsOf(() => gateway.ask(query, { id }, token));
    expect(one.answer.data[field].id).toBe(id);
    expect(one.statements.length).toBeLessThanOrEqual(page.statements.length);
  }
});

test('statements: a page of 50 events takes as many as a page of 5, with their realms and details', async () => {
  const { gateway } = await openFullGateway();
  const key = await gateway.prisma.key.findFirstOrThrow();
  for (let number = 1; number <= 50; number += 1) {
    const about = { keyId: key.id, realmId: key.realmId, ownerId: key.accountId ?? key.organizationId ?? '' };
    await recordNumberedEvents(gateway, about, number);
  }
  const query =
    'query ($id: ID!, $first: Int!) { key(id: $id) { events(first: $first) { edges { node { keyId detail { __typename } realm { slug } owner { id name } } } } } }';
  const token = await gateway.admin();
  const [short, long] = [
    await statementsOf(() => gateway.ask(query, { id: key.id, first: 5 }, token)),
    await statementsOf(() => gateway.ask(query, { id: key.id, first: 50 }, token)),
  ];
  const { edges } = long.answer.data['key'].events;
  expect(edges).toHaveLength(50);
  expect(edges[7].node).toMatchObject({
    keyId: key.id,
    realm: { slug: 'default' },
    owner: { id: key.accountId ?? key.organizationId },
  });
  expect(long.statements).toEqual(short.statements);
});

/** A gateway with 120 keys: of accounts and of an organization, held, rotating and plain ones by turns. */
async function openFullGateway(): Promise<{ gateway: Gateway; organizationId: string }> {
  const gateway = await openGateway();
  const { prisma, clock } = gateway;
  const createdAt = clock.now();
  const organizationId = newId('organization', createdAt, systemRandom);
  await prisma.organization.create({ data: { id: organizationId, name: 'Acme', createdAt } });
  const accounts = ['ann', 'ben', 'cem'].map((name) => ({
    id: newId('account', createdAt, systemRandom),
    name,
    email: `${name}@example.com`,
    passwordHash: '',
    createdAt,
  }));
  await prisma.account.createMany({ data: accounts });
  await prisma.membership.createMany({
    data: accounts.map(({ id }) => ({ organizationId, accountId: id, role: 'MEMBER' as const, createdAt })),
  });
  const realm = await prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const keys = Array.from({ length: 240 }, (_, index) => ({
    ...(index % 2 === 0 ? { organizationId } : { accountId: accounts[index % 3]?.id ?? '' }),
    isHeld: index % 3 === 0,
    isRotating: index % 5 === 0,
    // As the policies of a fresh realm decide.
    stopsAt: addMs(createdAt, 395 * DAY_MS),
    stopsBasis: 'BY_USE' as const,
  }));
  await makeManyKeys(gateway.services, realm.id, keys);
  // Every key has verdicts of several bindings, and most have a waiting stop because of the last one.
  const bind = 'mutation ($input: BindPolicyInput!) { bindPolicy(input: $input) { __typename } }';
  for (const more of [
    { policy: 'dormant-owner', mode: 'SHADOW' },
    { policy: 'bounded-lifetime', mode: 'SHADOW' },
    { policy: 'active-never-expires', config: { idle: 'P60D' } },
  ]) {
    await gateway.ask(bind, { input: { realm: 'default', ...more } }, await gateway.admin());
    while ((await sweepBatch(gateway.services)) !== null);
  }
  expect(await prisma.waitingStop.count()).toBeGreaterThan(100);
  // From now on the node itself, following the log, sends nothing.
  await gateway.services.follower.stop();
  return { gateway, organizationId };
}

/** Returns the tables that the statements of a request read, one for each statement. */
async function statementsOf<Answer>(ask: () => Promise<Answer>): Promise<{ answer: Answer; statements: string[] }> {
  const statements: string[] = [];
  const query = Client.prototype.query;
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: any[]) {
    const text: string = args[0]?.text ?? args[0];
    // The pool opens connections when it needs them; what a new one sends belongs to no operation.
    const opensConnection = text.startsWith('SELECT set_config(') || text.includes('pg_is_in_recovery()');
    if (!opensConnection) statements.push(text.replace(/^\s*SELECT .* FROM (?:"public"\.)?"(\w+)" .*$/s, '$1'));
    return (query as any).apply(this, args);
  } as any);
  onTestFinished(() => spy.mockRestore());
  const answer = await ask();
  spy.mockRestore();
  return { answer, statements: statements.toSorted() };
}
