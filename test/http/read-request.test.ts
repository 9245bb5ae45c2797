import { execFile } from 'node:child_process';
import { request as nodeRequest } from 'node:http';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CloseCode } from 'graphql-ws';
import { consoleSegments } from '../../src/http/console/console-routes.ts';
import { leakSources } from '../../src/settings/leak-kinds.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { ID_TOKEN, openIssuerWorld, TOKEN_EXCHANGE } from '../support/issuer-world.ts';
import { rawSocket, refusedUpgrade } from '../support/raw-socket.ts';
import { recordSocket } from '../support/record-socket.ts';
import { sendRaw, type RawRequest, type RawResponse } from '../support/send-raw.ts';
import { waitFor } from '../support/wait-for.ts';

const JSON_TYPE = 'Content-Type: application/json';
const FORM_TYPE = 'Content-Type: application/x-www-form-urlencoded';
const ISSUE = 'mutation ($i: IssueKeyInput!) { issueKey(input: $i) { __typename } }';

const inputOf = (name: string) => ({ realm: 'default', name, scopes: [{ action: 'package:push', resource: 'A.*' }] });

const sources = leakSources.read(`scanner=whsec_${Buffer.alloc(32, 1).toString('base64')}`);
if (!('value' in sources)) throw new Error(sources.found);
const leaks = { githubKeys: null, sources: sources.value };

const portOf = ({ url }: Pick<Gateway, 'url'>) => Number(new URL(url).port);

/** Returns a request that issues a key, whose name may be any bytes. */
async function issuing(gateway: Gateway, name: string | Buffer, headers = [JSON_TYPE]): Promise<RawRequest> {
  const around = JSON.stringify({ query: ISSUE, variables: { i: inputOf('<name>') } }).split('<name>');
  const body = Buffer.concat([Buffer.from(around[0]!), Buffer.from(name), Buffer.from(around[1]!)]);
  return {
    method: 'POST',
    target: '/graphql',
    headers: [`Authorization: Bearer ${await gateway.admin()}`, ...headers],
    body,
  };
}

async function keyNames({ prisma }: Gateway): Promise<readonly string[]> {
  return (await prisma.key.findMany({ orderBy: { createdAt: 'asc' } })).map(({ name }) => name);
}

/** Returns a request to every route, by each method that does something else. */
function everyRoute(form: string): readonly (RawRequest & { readonly expected: number })[] {
  const query = encodeURIComponent('{ __typename }');
  const posted = (target: string, body: string, type: string, expected: number) => ({
    method: 'POST',
    target,
    headers: [type],
    body,
    expected,
  });
  const got = (target: string, expected = 200) => ({ target, expected });
  return [
    posted('/graphql', '{"query":"{ __typename }"}', JSON_TYPE, 200),
    got(`/graphql?query=${query}`),
    got('/graphiql?file=graphiql.js'),
    got('/.well-known/jwks.json'),
    got('/.well-known/oauth-authorization-server'),
    posted('/token', form, FORM_TYPE, 200),
    posted('/verify', '{"secret":"none"}', JSON_TYPE, 401),
    got('/'),
    // Below /leaks are the addresses of scanners.
    ...consoleSegments.flatMap((segment) => [
      got(`/${segment}`),
      got(`/${segment}/none`, segment === 'leaks' ? 404 : 200),
    ]),
    got('/assets/none.js', 404),
    got('/docs'),
    got('/docs/guides/verify'),
    posted('/session/confirm', '{"password":"none"}', JSON_TYPE, 401),
    posted('/session', '{"email":"none","password":"none"}', JSON_TYPE, 403),
    got('/portal/keytide-keys.js'),
    got('/my-keys'),
    posted('/portal-session', '{"code":"none"}', JSON_TYPE, 401),
    got('/unsubscribe?token=none', 400),
    posted('/unsubscribe?token=none', 'List-Unsubscribe=One-Click', FORM_TYPE, 400),
    got('/device'),
    posted('/device', 'user_code=ABCD', FORM_TYPE, 400),
    posted('/device/code', 'client_id=keytide', FORM_TYPE, 200),
    posted('/device/token', 'grant_type=none', FORM_TYPE, 400),
    posted('/leaks/scanner', '[]', JSON_TYPE, 400),
    got('/livez'),
    got('/readyz'),
    got('/metrics'),
    got('/nothing', 404),
    got('/auth/default', 500),
    posted('/introspect', 'token=x', FORM_TYPE, 401),
    posted('/uses', '{}', JSON_TYPE, 401),
    got('/snapshot', 401),
    got('/log?after=x', 401),
  ];
}

test('request: a client that closes its sending side gets the whole answer, on every route', async () => {
  const { gateway, token } = await openIssuerWorld({ leaks, isClockTrusted: () => true });
  const form = new URLSearchParams({
    grant_type: TOKEN_EXCHANGE,
    subject_token: token(),
    subject_token_type: ID_TOKEN,
  }).toString();
  const tried = new Set<string>();
  for (const { expected, ...request } of everyRoute(form)) {
    const response = await sendRaw(portOf(gateway), request);
    const what = `${request.method ?? 'GET'} ${request.target}`;
    expect([what, response.status, response.isWhole], response.body).toEqual([what, expected, true]);
    const path = request.target.replace(/\?.*$/, '');
    tried.add(path).add(path.replace(/^(\/[^/]+\/).*/, '$1*'));
  }
  const { detail } = JSON.parse((await sendRaw(portOf(gateway), { target: '/nothing' })).body) as { detail: string };
  const paths = detail.replace(/^Not found\. Paths: |\.$/g, '').split(', ');
  expect(paths.filter((path) => !tried.has(path))).toEqual([]);
  const large = await sendRaw(portOf(gateway), { target: '/graphiql?file=graphiql.js' });
  expect([large.isWhole, large.body.length > 1_000_000]).toEqual([true, true]);
});

test('request: a client that closes its sending side gets the events of its subscription', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const query = 'subscription { events { type } }';
  let received = '';
  const request = {
    method: 'POST',
    target: '/graphql',
    headers: [JSON_TYPE, 'Accept: text/event-stream', `Authorization: Bearer ${admin}`],
    body: JSON.stringify({ query }),
  };
  const answered = sendRaw(portOf(gateway), request, { onData: (text) => (received = text) });
  await expect.poll(() => openSubscriptionCount(gateway)).toBe(1);
  await sendRaw(portOf(gateway), await issuing(gateway, 'Ada'));
  await waitFor(() => expect(received).toContain('"type":"KEY_ISSUED"'));
  await gateway.ask('mutation { signOut }', {}, admin);
  const { status, body, isWhole } = await answered;
  expect([status, isWhole]).toEqual([200, true]);
  expect(body).toMatch(/event: complete\n/);
});

test('request: the stream of a client that is gone ends, though its end looks like a half-closed connection', async () => {
  const gateway = await openGateway();
  const stop = new AbortController();
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'text/event-stream',
      Authorization: `Bearer ${await gateway.admin()}`,
    },
    body: JSON.stringify({ query: 'subscription { events { type } }' }),
    signal: stop.signal,
  });
  expect(response.status).toBe(200);
  await expect.poll(() => openSubscriptionCount(gateway)).toBe(1);
  stop.abort();
  await expect.poll(() => openSubscriptionCount(gateway), { timeout: 5_000 }).toBe(0);
});

async function openSubscriptionCount({ url }: Gateway): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  return Number(/^keytide_subscriptions(?:\{[^}]*\})? (\d+)$/m.exec(page)?.[1] ?? Number.NaN);
}

test.for([
  'Application/JSON',
  'APPLICATION/JSON',
  'application/json ; charset=utf-8',
  'application/json\t;\tcharset="UTF-8"',
  'application/json;charset=us-ascii;profile=x',
  'application/json;',
])('request: %j is application/json', async (type) => {
  const gateway = await openGateway();
  const response = await sendRaw(portOf(gateway), await issuing(gateway, 'Zoë', [`Content-Type: ${type}`]));
  expect([response.status, response.body]).toEqual([200, expect.stringContaining('IssueKeySuccess')]);
  expect(await keyNames(gateway)).toEqual(['Zoë']);
});

test('request: the type of a form may be written in every way that RFC 9110 allows, on every route with a form', async () => {
  const { gateway, token } = await openIssuerWorld();
  for (const type of [
    'Application/X-WWW-Form-Urlencoded',
    'application/x-www-form-urlencoded ; charset=utf-8',
    'application/x-www-form-urlencoded\t;charset="utf-8"',
  ]) {
    const send = (target: string, fields: Record<string, string>) =>
      sendRaw(portOf(gateway), {
        method: 'POST',
        target,
        headers: [`Content-Type: ${type}`],
        body: new URLSearchParams(fields).toString(),
      });
    const exchange = { grant_type: TOKEN_EXCHANGE, subject_token: token(), subject_token_type: ID_TOKEN };
    expect((await send('/token', exchange)).status, type).toBe(200);
    expect((await send('/device/code', { client_id: 'keytide' })).status, type).toBe(200);
    expect((await send('/device/token', { grant_type: 'x' })).body, type).toContain('unsupported_grant_type');
    expect((await send('/device', { user_code: 'A', email: 'a@b.c', password: 'x' })).body, type).toContain(
      'No account has this email',
    );
  }
});

test('request: bytes that are not UTF-8 are refused with 400 in every body, and change nothing', async () => {
  const { gateway, token } = await openIssuerWorld();
  const latin1 = Buffer.from('Müller', 'latin1');
  for (const bytes of [latin1, Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xc0, 0xaf]), Buffer.from([0xe2, 0x82])]) {
    const { status, body } = await sendRaw(portOf(gateway), await issuing(gateway, bytes));
    expect([status, body]).toEqual([400, expect.stringContaining('not UTF-8')]);
  }
  expect(await keyNames(gateway)).toEqual([]);
  const subject = token();
  for (const extra of [latin1, 'M%FCller', '%C3', '%ED%A0%80']) {
    const fields = { grant_type: TOKEN_EXCHANGE, subject_token: subject, subject_token_type: ID_TOKEN };
    const body = Buffer.concat([Buffer.from(`${new URLSearchParams(fields).toString()}&x=`), Buffer.from(extra)]);
    const refused = await sendRaw(portOf(gateway), { method: 'POST', target: '/token', headers: [FORM_TYPE], body });
    expect([refused.status, JSON.parse(refused.body)], String(extra)).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_request' }),
    ]);
    const named = Buffer.concat([Buffer.from('client_id=a&device_name='), Buffer.from(extra)]);
    expect(
      (await sendRaw(portOf(gateway), { method: 'POST', target: '/device/code', headers: [FORM_TYPE], body: named }))
        .status,
    ).toBe(400);
    const form = Buffer.concat([Buffer.from('user_code=A&password=b&email='), Buffer.from(extra)]);
    expect(
      (await sendRaw(portOf(gateway), { method: 'POST', target: '/device', headers: [FORM_TYPE], body: form })).status,
    ).toBe(400);
  }
  expect(await gateway.prisma.device.count()).toBe(0);
  const query = encodeURIComponent('query ($n: String) { __typename }');
  for (const variables of ['%7B%22n%22:%22M%FCller%22%7D', '{"n":"M\u00fcller"}']) {
    const { status } = await sendRaw(portOf(gateway), { target: `/graphql?query=${query}&variables=${variables}` });
    expect(status, variables).toBe(400);
  }
});

test('request: another charset or an encoding is refused with 415 that names it, on every route', async () => {
  const { gateway, token } = await openIssuerWorld({ leaks });
  const form = new URLSearchParams({
    grant_type: TOKEN_EXCHANGE,
    subject_token: token(),
    subject_token_type: ID_TOKEN,
  }).toString();
  for (const { expected, ...request } of everyRoute(form)) {
    if (expected === 404 || request.method !== 'POST') continue;
    for (const [header, accepted] of [
      ['Content-Encoding: gzip', ['accept-encoding', 'identity']],
      ['Content-Encoding: GZIP, identity', ['accept-encoding', 'identity']],
      [`${request.headers![0]!} ; CHARSET="iso-8859-1"`, null],
    ] as const) {
      const isType = header.startsWith('Content-Type');
      const headers = isType ? [header] : [...request.headers!, header];
      const response = await sendRaw(portOf(gateway), { ...request, headers });
      expect([request.target, header, response.status], response.body).toEqual([request.target, header, 415]);
      expect(response.body.toLowerCase()).toContain(isType ? 'iso-8859-1' : 'gzip');
      if (accepted !== null) expect(response.headers.get(accepted[0])).toBe(accepted[1]);
    }
  }
  const zipped = await issuing(gateway, 'Zip', [JSON_TYPE, 'Content-Encoding: gzip']);
  expect((await sendRaw(portOf(gateway), { ...zipped, body: gzipSync(zipped.body!) })).status).toBe(415);
  expect(await keyNames(gateway)).toEqual([]);
  const plain = await issuing(gateway, 'Plain', [JSON_TYPE, 'Content-Encoding: identity']);
  expect((await sendRaw(portOf(gateway), plain)).status).toBe(200);
  expect(await keyNames(gateway)).toEqual(['Plain']);
});

test('request: a byte order mark at the start of a body is ignored', async () => {
  const { gateway, token } = await openIssuerWorld();
  const mark = Buffer.from([0xef, 0xbb, 0xbf]);
  const renamed = await issuing(gateway, 'Marked');
  const marked = { ...renamed, body: Buffer.concat([mark, renamed.body as Buffer]) };
  expect((await sendRaw(portOf(gateway), marked)).status).toBe(200);
  expect(await keyNames(gateway)).toEqual(['Marked']);
  const fields = { grant_type: TOKEN_EXCHANGE, subject_token: token(), subject_token_type: ID_TOKEN };
  const body = Buffer.concat([mark, Buffer.from(new URLSearchParams(fields).toString())]);
  const exchanged = await sendRaw(portOf(gateway), { method: 'POST', target: '/token', headers: [FORM_TYPE], body });
  expect(exchanged.status, exchanged.body).toBe(200);
});

test('request: a header that decides what a request means is accepted once, over HTTP and for an upgrade', async () => {
  const { gateway } = await openIssuerWorld({ leaks });
  const good = `Authorization: Bearer ${await gateway.admin()}`;
  for (const twice of [
    [good, good],
    [good, 'Authorization: Bearer nobody'],
    ['authorization: Bearer nobody', good],
    [good, 'Content-Type: application/json'],
    [good, 'Host: other.test'],
    [good, 'Origin: https://a.example', 'Origin: https://b.example'],
    [good, 'Last-Event-ID: a', 'Last-Event-ID: b'],
  ]) {
    const { body } = await issuing(gateway, 'Twice');
    const request = { method: 'POST', target: '/graphql', headers: [JSON_TYPE, ...twice], ...(body && { body }) };
    const response = await sendRaw(portOf(gateway), request);
    expect([twice, response.status], response.body).toEqual([twice, 400]);
  }
  expect(await keyNames(gateway)).toEqual([]);
  const posted = (target: string, type: string, ...headers: string[]): Promise<RawResponse> =>
    sendRaw(portOf(gateway), { method: 'POST', target, headers: [type, ...headers], body: '[]' });
  for (const name of ['Webhook-Id', 'Webhook-Signature', 'Webhook-Timestamp']) {
    const { status, body } = await posted('/leaks/scanner', JSON_TYPE, `${name}: a`, `${name}: b`);
    expect([status, body]).toEqual([400, expect.stringContaining(`2 ${name.toLowerCase()} headers`)]);
  }
  expect((await posted('/token', FORM_TYPE, 'Authorization: a', 'Authorization: b')).body).toContain('invalid_request');
  // ws sends its own Host; Node sends a list as headers of one name.
  const origins = ['https://a.example', 'https://a.example'] as unknown as string;
  expect(await refusedUpgrade(gateway, { headers: { Origin: origins } })).toBe(400);
});

test('request: a socket with two different credentials is not connected', async () => {
  const gateway = await openGateway();
  const raw = await rawSocket(gateway);
  const payload = { authorization: 'Bearer nobody', Authorization: `Bearer ${await gateway.admin()}` };
  raw.send({ type: 'connection_init', payload });
  expect((await raw.closed).code).toBe(CloseCode.Unauthorized);
});

test('request: a binary message that is not UTF-8 closes its socket, and changes nothing', async () => {
  const gateway = await openGateway();
  const raw = await rawSocket(gateway);
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${await gateway.admin()}` } });
  await raw.next();
  const message = { id: '1', type: 'subscribe', payload: { query: ISSUE, variables: { i: inputOf('M\u00fcller') } } };
  raw.socket.send(Buffer.from(JSON.stringify(message), 'latin1'));
  expect((await raw.closed).code).toBe(1007);
  expect(await keyNames(gateway)).toEqual([]);
});

test('request: a parameter of a GET is accepted once', async () => {
  const gateway = await openGateway();
  const query = encodeURIComponent('{ __typename }');
  for (const name of ['query', 'operationName', 'variables', 'extensions']) {
    const { status, body } = await sendRaw(portOf(gateway), { target: `/graphql?query=${query}&${name}=&${name}=` });
    expect([status, body]).toEqual([400, expect.stringContaining('found twice')]);
  }
});

test('request: an empty operationName is none, by POST, GET, server-sent events and socket', async () => {
  const gateway = await openGateway();
  const query = '{ __typename }';
  const body = JSON.stringify({ query, operationName: '' });
  const get = `${gateway.url}/graphql?query=${encodeURIComponent(query)}&operationName=`;
  const headers = { 'Content-Type': 'application/json' };
  const post = async (accept: string) =>
    (await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { ...headers, Accept: accept }, body })).text();
  const answer = '{"data":{"__typename":"Query"}}';
  expect(await post('application/json')).toBe(answer);
  expect(await (await fetch(get, { headers: { Accept: 'application/json' } })).text()).toBe(answer);
  expect(await post('text/event-stream')).toContain(`data: ${answer}`);
  const init = { type: 'connection_init', payload: { authorization: `Bearer ${await gateway.admin()}` } };
  const start = { id: '1', type: 'subscribe', payload: { query, operationName: '' } };
  const { messages } = await recordSocket(`${gateway.url}/graphql`, [init, start]);
  expect(messages.map((message) => JSON.parse(message))).toContainEqual({
    id: '1',
    type: 'next',
    payload: JSON.parse(answer),
  });
});

test('request: curl, fetch and the client of Node get the same answer', async () => {
  const gateway = await openGateway();
  const body = '\ufeff{"query":"{ __typename }","operationName":""}';
  const type = 'Application/JSON ; Charset=UTF-8';
  const expected = '{"data":{"__typename":"Query"}}';
  const fetched = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'Content-Type': type }, body });
  expect(await fetched.text()).toBe(expected);
  const curl = ['-sS', '-H', `Content-Type: ${type}`, '--data-binary', body, `${gateway.url}/graphql`];
  expect((await promisify(execFile)('curl', curl)).stdout).toBe(expected);
  const answered = await new Promise<string>((resolve, reject) => {
    const asked = nodeRequest(`${gateway.url}/graphql`, { method: 'POST', headers: { 'Content-Type': type } });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    });
    asked.end(body);
  });
  expect(answered).toBe(expected);
});
