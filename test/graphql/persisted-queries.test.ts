import { hash } from 'node:crypto';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { expect, test } from 'vitest';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { openRawSocket } from '../support/raw-socket.ts';

const TEXT = '{ viewer { __typename } }';
const DATA = { viewer: { __typename: 'Account' } };
const persistedExtension = (sha256Hash: unknown, version = 1) => ({ persistedQuery: { version, sha256Hash } });
const rightHash = persistedExtension(hash('sha256', TEXT));

/** Two nodes of one database. */
async function twoNodes(): Promise<readonly Gateway[]> {
  const near = await openGateway();
  return [near, await openGateway({ database: near.database, clock: near.clock })];
}

interface PersistedResponse {
  readonly status: number;
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: object }[];
}

async function send(
  { url }: Gateway,
  token: string,
  body: object,
  method: 'GET' | 'POST' = 'POST',
): Promise<PersistedResponse> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', Accept: 'application/json' };
  const asked = new URL(`${url}/graphql`);
  if (method === 'GET') {
    for (const [name, value] of Object.entries(body)) {
      asked.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  const response = await fetch(asked, {
    method,
    headers,
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

const notSupported = {
  status: 400,
  errors: [
    {
      message: 'PersistedQueryNotSupported',
      extensions: { code: 'BAD_USER_INPUT', remedy: 'Send the text of the operation as `query`.' },
    },
  ],
};
const wrong = { status: 400, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] };

test('persisted queries: a hash alone is refused, before and after its text was sent with it, on every node', async () => {
  const nodes = await twoNodes();
  const token = await nodes[0]!.admin();
  for (const method of ['POST', 'GET'] as const) {
    for (const round of [1, 2]) {
      for (const node of nodes) {
        expect(await send(node, token, { extensions: rightHash }, method), `${method} ${round}`).toEqual(notSupported);
        expect(await send(node, token, { query: '', extensions: rightHash }, method)).toEqual(notSupported);
        expect(await send(node, token, { query: TEXT, extensions: rightHash }, method)).toEqual({
          status: 200,
          data: DATA,
        });
      }
    }
  }
});

test('persisted queries: a text with the hash of another text is refused, and neither hash works afterwards', async () => {
  const nodes = await twoNodes();
  const token = await nodes[0]!.admin();
  const poison = '{ logCursor }';
  for (const extensions of [
    rightHash,
    persistedExtension(hash('sha256', poison).toUpperCase()),
    persistedExtension(hash('sha256', poison).slice(0, 63)),
    persistedExtension(null),
    persistedExtension([hash('sha256', poison)]),
    { persistedQuery: 'yes' },
    { persistedQuery: [] },
  ]) {
    expect(await send(nodes[0]!, token, { query: poison, extensions })).toMatchObject(wrong);
  }
  for (const node of nodes) {
    expect(await send(node, token, { extensions: rightHash })).toEqual(notSupported);
    expect(await send(node, token, { extensions: persistedExtension(hash('sha256', poison)) })).toEqual(notSupported);
    expect(await send(node, token, { query: TEXT, extensions: { persistedQuery: null } })).toMatchObject({
      data: DATA,
    });
    expect(await send(node, token, { query: TEXT, extensions: { other: 1 } })).toMatchObject({ data: DATA });
  }
});

test('persisted queries: over a socket they fail only their own operation', async () => {
  for (const node of await twoNodes()) {
    const raw = await openRawSocket(node, await node.admin());
    const asked = async (payload: object) => {
      raw.send({ type: 'subscribe', id: '1', payload });
      const answer = await raw.next();
      if (answer.type === 'next') expect(await raw.next()).toEqual({ type: 'complete', id: '1' });
      return answer;
    };
    const refused = { type: 'error', id: '1' };
    for (let round = 0; round < 2; round += 1) {
      expect(await asked({ query: '', extensions: rightHash })).toEqual({ ...refused, payload: notSupported.errors });
      expect(await asked({ query: '{ logCursor }', extensions: rightHash })).toMatchObject({
        ...refused,
        payload: wrong.errors,
      });
      expect(await asked({ query: TEXT, extensions: rightHash })).toMatchObject({
        type: 'next',
        payload: { data: DATA },
      });
    }
    // The protocol has no operation without a text.
    raw.send({ type: 'subscribe', id: '1', payload: { extensions: rightHash } });
    expect((await raw.closed).code).toBe(4400);
  }
});

test('persisted queries: Apollo Client’s link falls back to the text by itself, and then stops sending hashes', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const bodies: any[] = [];
  const http = new HttpLink({
    uri: `${gateway.url}/graphql`,
    headers: { Authorization: `Bearer ${token}` },
    fetch: (url, init) => {
      bodies.push(JSON.parse(init?.body as string));
      return fetch(url, init);
    },
  });
  const link = new PersistedQueryLink({ sha256: (text: string) => hash('sha256', text) }).concat(http);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  for (let round = 0; round < 2; round += 1) {
    const { data } = await client.query({ query: gql(TEXT), fetchPolicy: 'no-cache' });
    expect(data).toEqual(DATA);
  }
  expect(
    bodies.map(({ query, extensions }) => [query !== undefined, extensions?.persistedQuery !== undefined]),
  ).toEqual([
    [false, true],
    [true, false],
    [true, false],
  ]);
  client.stop();
});
