import { expect, onTestFinished, test } from 'vitest';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { mutate, issue, logCursor, READ, recordNumberedEvents } from '../support/issue.ts';
import { ISSUE_KEY } from '../support/operations.ts';
import { apollo } from './apollo.ts';
import type { Client, Library, SubscriptionLog } from './library.ts';
import { graphqlSse } from './graphql-sse.ts';
import { graphqlWs } from './graphql-ws.ts';
import { urql, urqlOverSse } from './urql.ts';

// Popular client libraries, unmodified, against the real gateway.

const libraries: readonly Library[] = [graphqlWs, graphqlSse, urql, urqlOverSse, apollo];

const EVENTS = 'subscription Watch($after: Cursor) { events(after: $after) { id cursor type data key { id name } } }';

function connect(library: Library, gateway: Gateway, credential: string | (() => string)): Client {
  const client = library.connect(gateway, typeof credential === 'string' ? () => credential : credential);
  onTestFinished(() => client.close() as Promise<void>);
  return client;
}

const eventsOf = ({ results }: SubscriptionLog): any[] =>
  results.flatMap(({ data, codes }) => (codes.length > 0 ? [] : [data.events]));

const numbersOf = (log: SubscriptionLog): number[] =>
  eventsOf(log).flatMap(({ data }) => (data.number === undefined ? [] : [data.number as number]));

test.for(libraries)('clients: $name queries and mutates, and gets failures as data and as errors', async (library) => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const client = connect(library, gateway, olga.token);
  expect(await client.ask('{ viewer { __typename ... on Account { id name } } }')).toEqual({
    data: { viewer: { __typename: 'Account', id: olga.id, name: 'olga' } },
    codes: [],
  });
  const input = { realm: 'default', name: 'ci', scopes: [{ action: 'package:push', resource: 'Acme.*' }] };
  const issued = await client.ask(ISSUE_KEY, { input: { ...input, lifetime: 'P90D' } });
  expect(issued).toMatchObject({
    data: { issueKey: { __typename: 'IssueKeySuccess', key: { name: 'ci' } } },
    codes: [],
  });
  const listed = await client.ask('query ($first: Int) { keys(first: $first) { edges { node { id } } } }', {
    first: 5,
  });
  expect(listed.data.keys.edges.map(({ node }: any) => node.id)).toEqual([issued.data.issueKey.key.id]);

  const refused = await client.ask(ISSUE_KEY, { input: { ...input, lifetime: 'P999D' } });
  expect(refused).toMatchObject({
    data: { issueKey: { __typename: 'ExpiryOutOfBounds', code: 'EXPIRY_OUT_OF_BOUNDS' } },
    codes: [],
  });
  expect(await client.ask('{ nothing }')).toEqual({ data: null, codes: ['BAD_USER_INPUT'] });
  expect(
    (await client.ask('query ($first: Int) { keys(first: $first) { edges { cursor } } }', { first: 101 })).codes,
  ).toEqual(['BAD_USER_INPUT']);
});

test.for(libraries)(
  'clients: $name gets stored and new events, and continues at another node after a disconnect',
  async (library) => {
    const near = await openGateway();
    const far = await openGateway({ database: near.database, clock: near.clock });
    const admin = await near.admin();
    const key = await issue(near, admin, { name: 'release' });
    const first = connect(library, near, admin).subscribe(EVENTS, { after: await logCursor(near, admin) });
    await recordNumberedEvents(far, { keyId: key.id }, 1);
    await expect.poll(() => numbersOf(first)).toEqual([1]);
    await recordNumberedEvents(far, { keyId: key.id }, 2);
    await expect.poll(() => numbersOf(first)).toEqual([1, 2]);
    expect(eventsOf(first)[0]).toMatchObject({ type: 'KEY_UPDATED', key: { name: 'release' } });

    await near.stop();
    const restarted = library.over === 'SOCKET' ? { code: 1012, reason: 'Service restart' } : 'COMPLETE';
    await expect.poll(() => first.end).toEqual(restarted);
    expect(first.results.flatMap(({ codes }) => codes)).toEqual(library.over === 'SOCKET' ? [] : ['UNAVAILABLE']);
    await recordNumberedEvents(far, {}, 3);
    const second = connect(library, far, admin).subscribe(EVENTS, { after: eventsOf(first).at(-1).cursor });
    await recordNumberedEvents(far, {}, 4);
    await expect.poll(() => numbersOf(second)).toEqual([3, 4]);
    second.leave();
  },
);

test.for(libraries)('clients: $name gets the code of a refused subscription', async (library) => {
  const gateway = await openGateway();
  const client = connect(library, gateway, await gateway.admin());
  const ahead = client.subscribe(EVENTS, { after: Buffer.from('1:999999').toString('base64url') });
  const codes = () => [
    ...ahead.results.flatMap((result) => result.codes),
    ...(ahead.end !== null && typeof ahead.end === 'object' && 'codes' in ahead.end ? ahead.end.codes : []),
  ];
  await expect.poll(codes).toEqual(['CURSOR_AHEAD']);
});

test.for(libraries)('clients: $name learns that its credential has ended, and gets no later event', async (library) => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const [subject, reader] = [await issue(gateway, olga.token), await issue(gateway, olga.token, { scopes: [READ] })];
  const { id: realmId } = await gateway.prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const about = { keyId: subject.id, ownerId: olga.id, realmId };
  const ends: readonly [string, () => Promise<unknown>, { readonly code: number; readonly reason: string }][] = [
    [
      reader.secret,
      () => mutate(gateway, olga.token, 'revokeKey', { keyId: reader.id, reason: 'leaked' }),
      { code: 4401, reason: 'KEY_REVOKED' },
    ],
    [olga.token, () => gateway.ask('mutation { signOut }', {}, olga.token), { code: 4403, reason: 'SESSION_ENDED' }],
  ];
  for (const [credential, end, close] of ends) {
    const after = await logCursor(gateway, credential);
    const log = connect(library, gateway, credential).subscribe(EVENTS, { after });
    await recordNumberedEvents(gateway, about, 1);
    await expect.poll(() => numbersOf(log)).toEqual([1]);
    await end();
    await recordNumberedEvents(gateway, about, 2);
    if (library.over === 'SOCKET') await expect.poll(() => log.end).toEqual(close);
    else await expect.poll(() => log.results.at(-1)).toMatchObject({ codes: ['UNAUTHENTICATED'] });
    expect(numbersOf(log)).toEqual([1]);
  }
});

test.for(libraries)('clients: $name leaves no subscription behind when it unsubscribes', async (library) => {
  const gateway = await openGateway();
  const log = connect(library, gateway, await gateway.admin()).subscribe(EVENTS);
  await expect.poll(() => gateway.services.openCounts.subscriptionCount()).toBe(1);
  log.leave();
  await expect.poll(() => gateway.services.openCounts.subscriptionCount()).toBe(0);
});
