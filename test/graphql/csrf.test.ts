import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ADMIN } from '../support/first-node.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';

const SIGN_IN = `mutation { signIn(input: { email: "${ADMIN.email}", password: "${ADMIN.password}" }) { __typename } }`;

const OURS = 'https://console.example';
const OTHER = 'https://second.example';

test('csrf: forms and simple requests of a foreign page are refused and change nothing', async () => {
  const gateway = await openGateway();
  const query = encodeURIComponent(SIGN_IN);
  const json = JSON.stringify({ query: SIGN_IN });
  const multipart = new FormData();
  multipart.set('operations', json);
  multipart.set('map', '{}');
  const formed: readonly (readonly [string | null, RequestInit['body']])[] = [
    ['application/x-www-form-urlencoded', `query=${query}`],
    ['application/x-www-form-urlencoded', json],
    ['text/plain', json],
    ['text/plain; a=application/json', json],
    ['text/plain, application/json', json],
    ['text/plain;application/json', json],
    ['application/graphql', SIGN_IN],
    ['application/jsonp', json],
    ['application/json, text/plain', json],
    [null, multipart],
    // A page that sends bytes without a type.
    [null, new Blob([json])],
  ];
  const before = await stateOf(gateway);
  for (const [type, body = null] of formed) {
    const headers = { Origin: 'https://evil.example', ...(type !== null && { 'Content-Type': type }) };
    const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body });
    expect(response.status, String(type)).toBe(415);
    const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
    expect(errors[0]?.message).toMatch(/; expected Content-Type application\/json\.$/);
    expect(errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(corsOf(response)).toEqual({});
  }
  expect(await stateOf(gateway)).toEqual(before);
  expect((await gateway.ask(SIGN_IN)).data).toEqual({ signIn: { __typename: 'SignInSuccess' } });
  expect(await stateOf(gateway)).not.toEqual(before);
});

test('csrf: JSON is recognized by its content type alone, with or without a charset', async () => {
  const { url } = await openGateway();
  for (const type of ['application/json', 'application/json; charset=utf-8', 'application/json;charset=UTF-8']) {
    const headers = { 'Content-Type': type };
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{ __typename }"}' });
    expect([response.status, await response.json()], type).toEqual([200, { data: { __typename: 'Query' } }]);
  }
});

test('csrf: a GET may query but never change anything', async () => {
  const gateway = await openGateway();
  const before = await stateOf(gateway);
  const ask = (query: string, more = '', init: RequestInit = {}) =>
    fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}${more}`, init);
  for (const [query, more] of [
    [SIGN_IN, ''],
    [`query Q { __typename } ${SIGN_IN.replace('mutation', 'mutation M')}`, '&operationName=M'],
    ['mutation { signOut }', ''],
  ] as const) {
    const response = await ask(query, more);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  }
  const streamed = await ask(SIGN_IN, '', { headers: { Accept: 'text/event-stream' } });
  expect(streamed.status).toBe(405);
  await streamed.body?.cancel();
  for (const method of ['PUT', 'PATCH', 'DELETE', 'HEAD']) {
    const response = await ask(SIGN_IN, '', { method });
    expect(response.status, method).toBeGreaterThanOrEqual(400);
  }
  expect(await stateOf(gateway)).toEqual(before);
  const asked = await ask('query ($n: Boolean = true) { __typename @include(if: $n) }', '&variables={"n":true}');
  expect(await asked.json()).toEqual({ data: { __typename: 'Query' } });
});

test('csrf: a GET with malformed variables is refused with a message that says so', async () => {
  const { url } = await openGateway();
  for (const more of ['variables=x', 'variables={', 'extensions=[}']) {
    const response = await fetch(`${url}/graphql?query={__typename}&${more}`);
    expect(response.status).toBe(400);
    const name = more.split('=')[0];
    const error = {
      message: `${name}: found text that is not JSON; expected JSON.`,
      extensions: { code: 'BAD_USER_INPUT' },
    };
    expect(await response.json()).toEqual({ errors: [error] });
  }
});

test('csrf: the API sets no cookie, and takes none but that of the console for a credential', async () => {
  const gateway = await openGateway();
  const signedIn = await gateway.ask(SIGN_IN);
  expect(signedIn.headers.get('set-cookie')).toBeNull();
  const token = await gateway.admin();
  const { port } = new URL(gateway.url);
  const names = ['Authorization', 'token', 'session', '__Host-keytide', `__Host-keytide-${port}`];
  // Not even that one without the Origin of a page of the gateway.
  for (const name of names) {
    const cookie = { Cookie: `${name}=${token}` };
    const { errors } = await gateway.ask('{ viewer { __typename } }', {}, null, cookie);
    expect(
      errors?.map(({ extensions }) => extensions['code']),
      name,
    ).toEqual(['UNAUTHENTICATED']);
  }
});

test('csrf: without KEYTIDE_ALLOWED_ORIGINS no page of any origin may read a response', async () => {
  const gateway = await openGateway();
  for (const origin of [OURS, 'null', gateway.url, '*', '']) {
    const asked = await gateway.ask('{ __typename }', {}, null, { Origin: origin });
    expect(asked.data).toEqual({ __typename: 'Query' });
    expect(corsOf(asked)).toEqual({});
    const response = await preflight(gateway, origin);
    expect([response.status, response.headers.get('allow'), corsOf(response)]).toEqual([204, 'GET, POST, OPTIONS', {}]);
  }
});

test.each([{ allowedOrigins: [OURS] }, { allowedOrigins: [OURS, OTHER] }])(
  'csrf: with $allowedOrigins only pages of these origins may read responses',
  async ({ allowedOrigins }) => {
    const gateway = await openGateway({ allowedOrigins });
    for (const origin of allowedOrigins) {
      const asked = await gateway.ask('{ __typename }', {}, null, { Origin: origin });
      expect(corsOf(asked)).toEqual({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'Retry-After, X-Request-Id',
        vary: 'Origin',
      });
      const response = await preflight(gateway, origin);
      expect([response.status, corsOf(response)]).toEqual([
        204,
        {
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': 'authorization, content-type',
          'access-control-expose-headers': 'Retry-After, X-Request-Id',
          'access-control-max-age': '600',
          vary: 'Origin, Access-Control-Request-Headers',
        },
      ]);
      // Refusals are readable too, so that the page learns why.
      const refused = await gateway.ask('x'.repeat(200_000), {}, null, { Origin: origin });
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([413, origin]);
      const formed = await gateway.ask('{ __typename }', {}, null, { Origin: origin, 'Content-Type': 'text/plain' });
      expect([formed.status, formed.headers.get('access-control-allow-origin')]).toEqual([415, origin]);
    }
    for (const origin of [
      'null',
      'https://evil.example',
      `${OURS}.evil.example`,
      `${OURS}:8443`,
      OURS.toUpperCase(),
      '*',
      '',
    ]) {
      const asked = await gateway.ask('{ __typename }', {}, null, { Origin: origin });
      expect(corsOf(asked), origin).toEqual({ vary: 'Origin' });
      const response = await preflight(gateway, origin);
      expect([response.status, corsOf(response)], origin).toEqual([204, { vary: 'Origin' }]);
    }
    const asked = await gateway.ask('{ __typename }');
    expect(corsOf(asked)).toEqual({ vary: 'Origin' });
  },
);

test('csrf: a page of a foreign origin cannot open a socket, with or without a cookie', async () => {
  const { url } = await openGateway({ allowedOrigins: [OURS] });
  const statusOf = (origin: string | null) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port, host } = new URL(url);
      const socket = connect(Number(port), hostname);
      const lines = [
        'GET /graphql HTTP/1.1',
        `Host: ${host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Protocol: graphql-transport-ws',
        'Cookie: session=1',
        ...(origin === null ? [] : [`Origin: ${origin}`]),
      ];
      socket.on('error', reject);
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString().split(' ')[1] ?? '');
      });
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    });
  for (const origin of [null, OURS, url]) expect(await statusOf(origin), String(origin)).toBe('101');
  for (const origin of ['null', 'https://evil.example', `${OURS}.evil.example`])
    expect(await statusOf(origin)).toBe('403');
});

/** What signing in changes. */
async function stateOf({ prisma }: Gateway) {
  return { sessions: await prisma.session.count(), events: await prisma.event.count() };
}

function preflight({ url }: Gateway, origin: string): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization, content-type',
    },
  });
}

function corsOf({ headers }: { readonly headers: Headers }): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'));
}
