import { request as httpRequest } from 'node:http';
import type { CanaryTraffic } from './canary-traffic.ts';
import { recordSocket } from './record-socket.ts';

/** A request as no client library would make it. */
interface StrayRequest {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const json = { 'Content-Type': 'application/json' };
const operation = (query: string, more: object = {}) => ({ headers: json, body: JSON.stringify({ query, ...more }) });

/** Requests with a secret where none belongs: in the URL, in headers, in what is no JSON, in what is no GraphQL. */
function listStrayRequests(secret: string, admin: string): StrayRequest[] {
  const bearer = { Authorization: `Bearer ${admin}` };
  const signedIn = (query: string, more: object = {}) => {
    const { headers, body } = operation(query, more);
    return { headers: { ...headers, ...bearer }, body };
  };
  const query = encodeURIComponent('{ viewer { __typename } }');
  return [
    { method: 'GET', path: `/graphql?query=${query}&secret=${secret}` },
    { method: 'GET', path: `/graphql?query=${encodeURIComponent(`{ key(id: "${secret}") { id } }`)}`, headers: bearer },
    { method: 'GET', path: `/graphql?query=${secret}`, headers: bearer },
    { method: 'GET', path: `/${secret}` },
    { method: 'GET', path: `/verify/${secret}?key=${secret}` },
    ...[`Bearer ${secret}`, `Bearer ${admin}`, `Basic ${secret}`].map((Authorization) => ({
      path: '/introspect',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization },
      body: `token=${secret}&${secret}=${secret}&token_type_hint=${secret}`,
    })),
    ...[secret, `${secret}x`, admin].map((subject) => ({
      path: '/token',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: `grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=urn:keytide:params:oauth:token-type:key&subject_token=${subject}&audience=${secret}&scope=${secret}%3D${secret}`,
    })),
    { method: 'GET', path: `/auth/${secret}`, headers: { 'X-Keytide-Verifier': admin, 'X-API-Key': secret } },
    {
      path: '/auth/default',
      headers: { 'X-Keytide-Verifier': secret, Authorization: `Bearer ${secret}` },
      body: secret,
    },
    {
      method: 'PUT',
      path: `/auth/default/package:push/Acme.Core/-/${secret}?key=${secret}`,
      headers: {
        'X-Keytide-Verifier': admin,
        Authorization: `Basic ${Buffer.from(`${secret}:${secret}`).toString('base64')}`,
      },
    },
    { method: 'GET', path: `http://${secret}@keytide.test/graphql` },
    { method: 'DELETE', path: `/readyz?token=${secret}` },
    { method: 'GET', path: '/readyz', headers: { 'X-Api-Key': secret, Cookie: `session=${secret}` } },
    {
      method: 'GET',
      path: '/metrics',
      headers: { 'X-Request-Id': secret, 'User-Agent': secret, Referer: `/${secret}` },
    },
    ...[
      `Basic ${secret}`,
      secret,
      `Bearer ${secret} ${secret}`,
      `bearer ${secret}x`,
      `Bearer ${secret.slice(0, 40)}`,
    ].map((Authorization) => ({ ...operation('{ viewer { __typename } }'), headers: { ...json, Authorization } })),
    { headers: json, body: secret },
    { headers: json, body: `{"query": ${secret}}` },
    { headers: json, body: `{"query": "{ viewer { __typename } }", "${secret}": "${secret}"}` },
    { headers: json, body: JSON.stringify([{ query: secret }]) },
    { headers: json, body: JSON.stringify({ query: { text: secret } }) },
    { headers: json, body: JSON.stringify({ query: '{ viewer { __typename } }', variables: secret }) },
    { headers: { 'Content-Type': `text/${secret}` }, body: secret },
    { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: `query=${secret}` },
    signedIn(secret),
    signedIn(`{ key(id: "${secret}) { id } }`),
    signedIn(`{ key(id "${secret}") { id } }`),
    signedIn(`{ key(id: """${secret}""" """${secret}""") { id } }`),
    signedIn(`{ viewer { __typename } } # ${secret}\n}`),
    signedIn(`{ ${secret} }`),
    signedIn(`{ key(id: "a", ${secret}: "b") { id } }`),
    signedIn(`{ key(id: ${secret}) { id } }`),
    signedIn(`{ keys(first: "${secret}") { __typename } }`),
    signedIn(`{ keys(filter: { ${secret}: 1 }) { __typename } }`),
    signedIn(`{ viewer { ... on ${secret} { id } } }`),
    signedIn(`{ viewer { ...${secret} } }`),
    signedIn(`{ viewer @${secret} { __typename } }`),
    signedIn('query A { viewer { __typename } }', { operationName: secret }),
    signedIn(`query ($${secret}: Int!) { keys(first: $${secret}) { __typename } }`),
    signedIn('query ($id: ID!) { key(id: $id) { id } }', { variables: { id: { secret } } }),
    signedIn('query ($id: ID!) { key(id: $id) { id } }', { variables: { id: [secret] } }),
  ];
}

/** What is made for a password or an idempotency key, in forms that are refused. */
function listMalformedRequests(text: string): StrayRequest[] {
  const mutation = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
  return [
    operation(mutation, { variables: { input: { email: 'a@example.com', password: text, more: 1 } } }),
    operation(mutation, { variables: { input: { email: 'a@example.com', password: { text } } } }),
    operation(mutation, { variables: { input: { email: 'a@example.com', password: [text] } } }),
    operation(mutation, { variables: { input: { password: text } } }),
    operation(`mutation { signIn(input: { email: 1, password: ${JSON.stringify(text)} }) { __typename } }`),
    operation(`mutation { signIn(input: { password: ${JSON.stringify(text)} }) { __typename } }`),
    operation(`mutation { signIn(input: { email: "a", password: ${text.replaceAll(' ', '_')} }) { __typename } }`),
    operation(`mutation { signIn(input: { email: "a" password ${JSON.stringify(text)} }) { __typename } }`),
    operation(`mutation { signOut(idempotencyKey: ${JSON.stringify(text)}) }`),
    operation('mutation ($input: HoldKeyInput!) { holdKey(input: $input) { __typename } }', {
      variables: { input: { keyId: 'a', idempotencyKey: text } },
    }),
  ];
}

/** Sends all of them, and the same over WebSockets, and looks through what comes back. */
export async function sendStrayRequests(traffic: CanaryTraffic, secret: string, admin: string): Promise<void> {
  const { gateway, scan, canary } = traffic;
  const password = canary.text('stray password').replaceAll(' ', '-');
  for (const stray of [
    ...listStrayRequests(secret, admin),
    ...listMalformedRequests(password),
    ...listMalformedRequests(`${password} "; at "x"`),
  ]) {
    scan(`answer to ${JSON.stringify(stray).slice(0, 150)}`, await send(gateway.url, stray));
  }
  const init = { type: 'connection_init', payload: { authorization: `Bearer ${admin}` } };
  const subscribe = (query: unknown, more: object = {}) => ({
    id: '1',
    type: 'subscribe',
    payload: { query, ...more },
  });
  const url = `${gateway.url}/graphql`;
  const talks = [
    () => recordSocket(`${url}?token=${secret}`, [{ type: 'connection_init' }]),
    () => recordSocket(`${gateway.url}/${secret}`, []),
    () => recordSocket(url, [], { protocol: secret }),
    () => recordSocket(url, [], { headers: { Origin: `https://${secret}.example` } }),
    () => recordSocket(url, [secret]),
    () => recordSocket(url, [{ type: secret }]),
    () => recordSocket(url, [{ type: 'connection_init', payload: secret }]),
    () => recordSocket(url, [{ type: 'connection_init', payload: { token: secret, authorization: [secret] } }]),
    () => recordSocket(url, [{ type: 'connection_init', payload: { authorization: secret } }]),
    () => recordSocket(url, [subscribe(secret)]),
    () => recordSocket(url, [init, subscribe(secret)]),
    () => recordSocket(url, [init, subscribe([secret])]),
    () => recordSocket(url, [init, { id: secret, type: 'subscribe', payload: secret }]),
    () => recordSocket(url, [init, subscribe(`subscription { ${secret} }`)]),
    () => recordSocket(url, [init, subscribe(`subscription { events(after: "${secret}") { type } }`)]),
    () => recordSocket(url, [init, subscribe('query A { logCursor }', { operationName: secret })]),
    () =>
      recordSocket(url, [
        init,
        subscribe('query ($a: Int!) { keys(first: $a) { __typename } }', { variables: { a: secret } }),
      ]),
  ];
  for (const [index, talk] of talks.entries()) {
    scan(`socket ${index}`, JSON.stringify(await talk()));
  }
}

/** The whole answer, as it comes. */
function send(base: string, { path = '/graphql', method = 'POST', headers = {}, body }: StrayRequest): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      let text = `${response.statusCode} ${response.rawHeaders.join(' ')}\n`;
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
    request.end(body);
  });
}
