import { expect, test } from 'vitest';
import { HOUR_MS } from '../../../src/domain/duration.ts';
import { openConsoleGateway, ownPage, signInByCookie, signOutByCookie } from '../../support/console-world.ts';
import { ADMIN } from '../../support/first-node.ts';
import type { Gateway } from '../../support/gateway.ts';
import { issue } from '../../support/issue.ts';
import { rawSocket, refusedUpgrade } from '../../support/raw-socket.ts';
import { sendRaw } from '../../support/send-raw.ts';

const VIEWER = '{ viewer { __typename ... on Account { id } } }';

/** Whom a request with these headers is taken for: an account, or nobody. */
async function viewer(gateway: Gateway, headers: Record<string, string>): Promise<string> {
  const { data } = await gateway.ask(VIEWER, {}, null, headers);
  return data?.['viewer']?.__typename ?? 'nobody';
}

const portOf = ({ url }: Gateway) => Number(new URL(url).port);

test('session: a sign-in sets one cookie that no script can read, and no body has the token', async () => {
  const gateway = await openConsoleGateway();
  const { response, cookie } = await signInByCookie(gateway);
  const body = await response.text();
  expect([response.status, JSON.parse(body)]).toEqual([200, { expiresAt: '2026-11-24T00:00:00.000Z' }]);
  const attributes = response.headers.getSetCookie().map((value) => value.split('; ').slice(1));
  expect(attributes).toEqual([['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict', 'Max-Age=43200']]);
  const [name, token = ''] = cookie.split('=');
  expect(name).toBe(`__Host-keytide-${portOf(gateway)}`);
  expect(body).not.toContain(token);
  expect(await viewer(gateway, { ...ownPage(gateway), Cookie: cookie })).toBe('Account');
  expect(gateway.logged.join('')).not.toContain(token);
});

test('session: a wrong email or password sets no cookie, and counts against the limit of sign-ins', async () => {
  const gateway = await openConsoleGateway();
  for (const wrong of [
    { ...ADMIN, password: 'another good password' },
    { ...ADMIN, email: 'nobody@example.com' },
    { ...ADMIN, email: 'nul\0\ud800@example.com' },
  ]) {
    const { response } = await signInByCookie(gateway, wrong);
    expect([response.status, response.headers.get('set-cookie')]).toEqual([401, null]);
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(/^No account has this email and this password\./),
    });
  }
  for (const body of [{}, { email: ADMIN.email }, { ...ADMIN, more: 1 }, { email: 1, password: 2 }, []]) {
    expect((await signInByCookie(gateway, body)).response.status).toBe(400);
  }
  const statuses: number[] = [];
  for (let count = 0; count < 30 && statuses.at(-1) !== 429; count += 1) {
    statuses.push((await signInByCookie(gateway, { ...ADMIN, password: 'another good password' })).response.status);
  }
  expect(statuses.at(-1)).toBe(429);
});

test('session: a cookie counts only on requests that a page of the gateway sends', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const port = portOf(gateway);
  const own = ownPage(gateway);
  for (const origin of [gateway.url, `http://localhost:${port}`, `http://[::1]:${port}`]) {
    expect(await viewer(gateway, { ...own, Origin: origin, Cookie: cookie }), origin).toBe('Account');
  }
  // A browser without Fetch Metadata.
  expect(await viewer(gateway, { Origin: gateway.url, Cookie: cookie })).toBe('Account');
  const foreign: Record<string, string>[] = [
    {},
    { 'Sec-Fetch-Site': 'same-origin' },
    { Origin: 'null' },
    { Origin: '' },
    { Origin: 'https://evil.example' },
    { Origin: `https://127.0.0.1:${port}` },
    { Origin: `http://127.0.0.1:${port + 1}` },
    { Origin: 'http://127.0.0.1' },
    { Origin: `http://127.0.0.1.evil.example:${port}` },
    { Origin: `http://localhost.:${port}` },
    { Origin: `${gateway.url}/` },
    { ...own, 'Sec-Fetch-Site': 'same-site' },
    { ...own, 'Sec-Fetch-Site': 'cross-site' },
    { ...own, 'Sec-Fetch-Site': 'none' },
  ];
  for (const headers of foreign) {
    expect(await viewer(gateway, { ...headers, Cookie: cookie }), JSON.stringify(headers)).toBe('nobody');
  }
});

test('session: no GET but the handshake of a socket accepts the cookie', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const headers = { ...ownPage(gateway), Cookie: cookie };
  const asked = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(VIEWER)}`, { headers });
  expect(await asked.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  // Another route that authenticates: the header is still its only credential.
  const verified = await fetch(`${gateway.url}/verify`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: '{"secret":"none"}',
  });
  expect(verified.status).toBe(401);
});

test('session: GraphiQL in production is not opened by the cookie', async () => {
  const gateway = await openConsoleGateway({ isOpen: false });
  const { cookie } = await signInByCookie(gateway);
  const headers = { ...ownPage(gateway), Cookie: cookie, Accept: 'text/html' };
  const response = await fetch(`${gateway.url}/graphql`, { headers });
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
});

test('session: a cookie of another name or form, a second cookie, and the secret of a key never count', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const [name, token = ''] = cookie.split('=');
  const { secret } = await issue(gateway, await gateway.admin());
  const ignored = [
    `session=${token}`,
    `keytide=${token}`,
    `__Host-keytide=${token}`,
    `__Host-keytide-1=${token}`,
    `${name?.toUpperCase()}=${token}`,
    `${name}=${secret}`,
    `${name}=Bearer ${token}`,
    `${name}="${token}"`,
    `${name}=`,
    `${cookie}; ${name}=${token}`,
    `${cookie}; ${name}=other`,
  ];
  for (const sent of ignored) {
    expect(await viewer(gateway, { ...ownPage(gateway), Cookie: sent }), sent.replaceAll(token, '…')).toBe('nobody');
  }
  expect(await viewer(gateway, { ...ownPage(gateway), Cookie: `other=1; ${cookie}; more=2` })).toBe('Account');
});

test('session: an Authorization header wins over the cookie, also if it is wrong', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const headers = { ...ownPage(gateway), Cookie: cookie };
  const { token } = await gateway.person('eve');
  const { data } = await gateway.ask('{ viewer { ... on Account { name } } }', {}, token, headers);
  expect(data).toEqual({ viewer: { name: 'eve' } });
  for (const authorization of ['Bearer nobody', 'Basic x', 'Bearer ']) {
    expect(await viewer(gateway, { ...headers, Authorization: authorization })).toBe('nobody');
  }
});

test('session: a page of a foreign origin can neither begin nor end one (login CSRF)', async () => {
  const gateway = await openConsoleGateway({ allowedOrigins: ['https://app.example'] });
  const { cookie } = await signInByCookie(gateway);
  const port = portOf(gateway);
  for (const headers of [
    {},
    { Origin: 'https://evil.example' },
    { Origin: 'https://app.example' },
    { Origin: 'null' },
    { ...ownPage(gateway), 'Sec-Fetch-Site': 'same-site' },
    { Origin: `http://127.0.0.1:${port + 1}`, 'Sec-Fetch-Site': 'same-site' },
  ]) {
    const { response } = await signInByCookie(gateway, ADMIN, headers);
    expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null]);
    const ended = await signOutByCookie(gateway, { ...headers, Cookie: cookie });
    expect([ended.status, ended.headers.get('set-cookie')]).toEqual([403, null]);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    const { response } = await signInByCookie(gateway, ADMIN, { ...ownPage(gateway), 'Content-Type': type });
    expect(response.status).toBe(415);
  }
  expect(await viewer(gateway, { ...ownPage(gateway), Cookie: cookie })).toBe('Account');
});

test('session: every sign-in begins a new one, whatever cookie is sent along (fixation)', async () => {
  const gateway = await openConsoleGateway();
  const planted = await signInByCookie(gateway);
  const headers = { ...ownPage(gateway), Cookie: planted.cookie };
  const { cookie } = await signInByCookie(gateway, ADMIN, headers);
  expect(cookie).not.toBe(planted.cookie);
  expect(await gateway.prisma.session.count()).toBe(2);
  // A cookie that an attacker has chosen is not adopted.
  const chosen = `__Host-keytide-${portOf(gateway)}=eyJhbGciOiJub25lIn0.e30.x`;
  const signedIn = await signInByCookie(gateway, ADMIN, { ...ownPage(gateway), Cookie: chosen });
  expect(signedIn.cookie).not.toBe(chosen);
});

test('session: a page that a rebound DNS name serves is a stranger, over HTTP and over a socket', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const port = portOf(gateway);
  // The name of the attacker leads to the gateway now: Host and Origin agree, and the browser calls it the same origin.
  const rebound = [`Origin: http://evil.example:${port}`, 'Sec-Fetch-Site: same-origin', `Cookie: ${cookie}`];
  const asked = await sendRaw(port, {
    method: 'POST',
    target: '/graphql',
    headers: ['Content-Type: application/json', ...rebound],
    body: JSON.stringify({ query: VIEWER }),
  });
  expect(JSON.parse(asked.body)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  const host = `evil.example:${port}`;
  const headers = { Host: host, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin', Cookie: cookie };
  const socket = await rawSocket(gateway, { headers });
  socket.send({ type: 'connection_init' });
  expect(await socket.closed).toMatchObject({ code: 4401 });
});

test('session: a socket of the own page opens by the cookie; one of another page is refused', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const open = async (headers: Record<string, string>, payload?: object) => {
    const socket = await rawSocket(gateway, { headers: { Cookie: cookie, ...headers } });
    socket.send({ type: 'connection_init', ...(payload !== undefined && { payload }) });
    const outcome = await socket.next().then(
      ({ type }) => type as string,
      async () => (await socket.closed).code,
    );
    return { socket, outcome };
  };
  expect((await open(ownPage(gateway))).outcome).toBe('connection_ack');
  expect((await open({})).outcome).toBe(4401);
  expect((await open({ ...ownPage(gateway), 'Sec-Fetch-Site': 'same-site' })).outcome).toBe(4401);
  expect((await open(ownPage(gateway), { authorization: 'Bearer nobody' })).outcome).toBe(4401);
  for (const origin of ['https://evil.example', 'null', `${gateway.url}.evil.example`]) {
    expect(await refusedUpgrade(gateway, { headers: { Origin: origin, Cookie: cookie } }), origin).toBe(403);
  }
});

test('session: signing out ends it at once, for its sockets too, and removes the cookie', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const headers = { ...ownPage(gateway), Cookie: cookie };
  const socket = await rawSocket(gateway, { headers });
  socket.send({ type: 'connection_init' });
  expect(await socket.next()).toMatchObject({ type: 'connection_ack' });
  const ended = await signOutByCookie(gateway, headers);
  const name = cookie.split('=')[0];
  const removal = '=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0';
  expect([ended.status, ended.headers.getSetCookie()]).toEqual([
    204,
    [`${name}${removal}`, `${name}-password${removal}`],
  ]);
  expect(await socket.closed).toMatchObject({ code: 4403, reason: 'SESSION_ENDED' });
  // Once more, with nothing to end.
  expect((await signOutByCookie(gateway, headers)).status).toBe(204);
});

test('session: a cookie whose session has ended makes its browser a stranger, and no response removes it', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const headers = { ...ownPage(gateway), Cookie: cookie };
  gateway.clock.advance(12 * HOUR_MS);
  // A late response would remove the cookie of a session that has begun in the meantime.
  for (const accept of ['application/json', 'text/event-stream']) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, Accept: accept, 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { events { type } }' }),
    });
    expect(await response.text(), accept).toContain('UNAUTHENTICATED');
    expect(response.headers.get('set-cookie'), accept).toBeNull();
  }
  const refused = await gateway.ask(VIEWER, {}, null, headers);
  expect([refused.status, refused.headers.get('set-cookie')]).toEqual([401, null]);
  // What is open to strangers is open to it: a sign-in, and an invitation.
  const signIn = `mutation { signIn(input: { email: "${ADMIN.email}", password: "${ADMIN.password}" }) { __typename } }`;
  expect((await gateway.ask(signIn, {}, null, headers)).data).toEqual({ signIn: { __typename: 'SignInSuccess' } });
  const accept = `mutation { acceptInvitation(input: { token: "none", password: "another good password", name: "Eve" }) {
    __typename
  } }`;
  const accepted = await gateway.ask(accept, {}, null, headers);
  expect(accepted.errors ?? []).toEqual([]);
  expect((await signInByCookie(gateway, ADMIN, headers)).response.status).toBe(200);
});

test('session: nothing but the sign-in of the console sets a cookie', async () => {
  const gateway = await openConsoleGateway();
  const query = `mutation { signIn(input: { email: "${ADMIN.email}", password: "${ADMIN.password}" }) { __typename } }`;
  const signedIn = await gateway.ask(query, {}, null, ownPage(gateway));
  expect(signedIn.data).toEqual({ signIn: { __typename: 'SignInSuccess' } });
  const answers = [
    signedIn,
    await gateway.ask(VIEWER, {}, await gateway.admin(), ownPage(gateway)),
    await fetch(`${gateway.url}/`),
    await fetch(`${gateway.url}/device`),
  ];
  expect(answers.map(({ headers }) => headers.get('set-cookie'))).toEqual([null, null, null, null]);
});

test('session: behind https the cookie has the port of the public URL, and only its origin counts', async () => {
  const gateway = await openConsoleGateway({ publicUrl: () => 'https://keys.example.com' });
  const own = { Origin: 'https://keys.example.com', 'Sec-Fetch-Site': 'same-origin' };
  const { cookie } = await signInByCookie(gateway, ADMIN, own);
  expect(cookie).toMatch(/^__Host-keytide-443=eyJ/);
  expect(await viewer(gateway, { ...own, Cookie: cookie })).toBe('Account');
  for (const origin of [gateway.url, 'http://keys.example.com', 'https://keys.example.com:8443', 'http://localhost']) {
    expect(await viewer(gateway, { Origin: origin, Cookie: cookie }), origin).toBe('nobody');
  }
});
