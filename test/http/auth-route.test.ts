import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { listenForAuth } from '../../src/http/auth/listen-for-auth.ts';
import { listen } from '../../src/http/listen.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { systemRandom } from '../../src/store/random.ts';
import { openLine } from '../support/database-line.ts';
import { startedDatabase } from '../support/database.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { ROTATE_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const PUSH = '/auth/default/package:push/Acme.Core';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

type Fields = Record<string, string | string[]>;

/** Sends a request as proxies do: the path and the headers as they are. */
function send(place: object, path: string, headers: Fields = {}, { method = 'GET', body = '' } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...place, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const verifies = [{ action: 'keytide:verify', resource: '**' }];
const { authHeaders } = readSettings({});

async function openAuth(options: Parameters<typeof openGateway>[0] = {}) {
  const gateway = await openGateway(options);
  const admin = await gateway.admin();
  const { secret: verifier } = await issue(gateway, admin, { name: 'the proxy', scopes: verifies });
  const { port } = new URL(gateway.url);
  const ask = (path: string, headers: Fields = {}, more = {}) =>
    send({ host: '127.0.0.1', port }, path, { 'X-Keytide-Verifier': verifier, ...headers }, more);
  const bearer = (secret: string, path = PUSH) => ask(path, { Authorization: `Bearer ${secret}` });
  return { gateway, admin, verifier, ask, bearer };
}

async function issueEach(gateway: Gateway, admin: string) {
  const secrets: Record<string, string> = { unknown: newSecret(systemRandom).reveal(), nonsense: 'password' };
  for (const name of ['good', 'held', 'revoked', 'retired']) {
    const { id, secret } = await issue(gateway, admin, { name });
    secrets[name] = secret;
    if (name === 'held') await mutate(gateway, admin, 'holdKey', { keyId: id, reason: 'test' });
    if (name === 'revoked') await mutate(gateway, admin, 'revokeKey', { keyId: id, reason: 'test' });
    if (name === 'retired') await gateway.ask(ROTATE_KEY, { input: { keyId: id, gracePeriod: 'PT0S' } }, admin);
  }
  secrets['expired'] = (await issue(gateway, admin, { lifetime: 'P1D' })).secret;
  await gateway.travel(DAY_MS);
  return secrets;
}

test('/auth: every outcome has its status, and headers that proxies can pass on', async () => {
  const { gateway, admin, bearer } = await openAuth();
  const secrets = await issueEach(gateway, admin);
  const statuses: Record<string, [number, string]> = {};
  for (const [name, secret] of Object.entries(secrets)) {
    const { status, headers, body } = await bearer(secret);
    statuses[name] = [status, String(headers['x-keytide-outcome'])];
    expect(String(headers['www-authenticate']).includes('invalid_token')).toBe(status === 401);
    expect(headers['cache-control']).toBe('no-store');
    expect(JSON.stringify(headers) + body).not.toContain(secret);
  }
  expect(statuses).toEqual({
    good: [204, 'VALID'],
    held: [403, 'KEY_HELD'],
    revoked: [401, 'KEY_REVOKED'],
    retired: [401, 'SECRET_RETIRED'],
    expired: [401, 'KEY_EXPIRED'],
    unknown: [401, 'KEY_UNKNOWN'],
    nonsense: [401, 'KEY_UNKNOWN'],
  });
  const scoped = await bearer(secrets['good']!, '/auth/default/package:push/Other.Core');
  expect([scoped.status, scoped.headers['x-keytide-outcome'], scoped.headers['www-authenticate']]).toEqual([
    403,
    'SCOPE_MISSING',
    'Bearer realm="keytide", error="insufficient_scope", Basic realm="keytide"',
  ]);
  const misnamed = await bearer(secrets['good']!, '/auth/default/package:pull/Acme.Core');
  expect([misnamed.status, misnamed.headers['x-keytide-outcome']]).toEqual([500, 'ACTION_UNKNOWN']);
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain(
    'keytide_verifications_total{outcome="KEY_HELD"} 1',
  );
});

test('/auth: a good key passes with any method, and its body is not read', async () => {
  const { gateway, admin, ask } = await openAuth();
  const { id, secret, stopsAt } = await issue(gateway, admin, { lifetime: 'P30D' });
  const { id: ownerId } = await gateway.prisma.account.findFirstOrThrow();
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
    const headers = {
      Authorization: `bearer ${secret}`,
      'Content-Type': 'text/plain; charset=iso-8859-1',
      'Content-Encoding': 'gzip',
      'Content-Length': '1000000',
    };
    const { status, headers: given, body } = await ask(PUSH, headers, { method, body: 'x'.repeat(1_000_000) });
    expect([method, status, body]).toEqual([method, 204, '']);
    expect(given).toMatchObject({
      'x-keytide-outcome': 'VALID',
      'x-keytide-key-id': id,
      'x-keytide-realm': 'default',
      'x-keytide-owner': ownerId,
      'x-keytide-stops-at': stopsAt,
      'x-keytide-renewal-due': 'false',
      'x-keytide-scope-checked': 'true',
    });
  }
  expect((await ask('/auth/default', { Authorization: `Bearer ${secret}` })).headers['x-keytide-scope-checked']).toBe(
    'false',
  );
  await gateway.services.uses.flush();
  const [use] = await gateway.prisma.use.findMany({ where: { secret: { keyId: id } } });
  expect(use?.useCount).toBe(9n);
});

test('/auth: the secret comes from the configured headers, and two different secrets are refused', async () => {
  const { gateway, admin, ask } = await openAuth();
  const { secret } = await issue(gateway, admin);
  const { secret: other } = await issue(gateway, admin);
  const basic = (password: string) => `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
  const cases: [Fields, number][] = [
    [{ Authorization: `Bearer ${secret}` }, 204],
    [{ Authorization: basic(secret) }, 204],
    [{ 'X-API-Key': secret }, 204],
    [{ 'X-NuGet-ApiKey': ` ${secret} ` }, 204],
    [{ 'X-API-Key': secret, Authorization: basic(secret) }, 204],
    [{ 'X-API-Key': secret, Authorization: 'Negotiate abc' }, 204],
    [{ 'X-API-Key': secret, Authorization: `Bearer ${other}` }, 401],
    [{ 'X-API-Key': secret, 'X-NuGet-ApiKey': 'password' }, 401],
    [{ 'X-API-Key': [secret, other] }, 401],
    [{ Authorization: [`Bearer ${secret}`, `Bearer ${other}`] }, 401],
    [{ Authorization: [`Bearer ${secret}`, basic(other)] }, 401],
    [{ Authorization: secret }, 401],
    [{ Cookie: `key=${secret}` }, 401],
    [{ Authorization: 'Bearer' }, 401],
    [{ Authorization: 'Basic !' }, 401],
    [{}, 401],
  ];
  for (const [headers, status] of cases)
    expect([headers, (await ask(PUSH, headers)).status]).toEqual([headers, status]);
  const none = await ask(PUSH);
  expect(none.headers['www-authenticate']).toBe('Bearer realm="keytide", Basic realm="keytide"');
  expect(none.headers['x-keytide-outcome']).toBeUndefined();
  expect(none.headers['vary']).toBe('authorization, x-api-key, x-nuget-apikey');

  const narrow = await openAuth({ auth: { headers: ['x-registry-key'], trustedRealms: null } });
  const { secret: narrowSecret } = await issue(narrow.gateway, narrow.admin);
  expect((await narrow.bearer(narrowSecret)).status).toBe(401);
  const taken = await narrow.ask(PUSH, { 'X-Registry-Key': narrowSecret, 'X-API-Key': 'ignored' });
  expect(taken.status).toBe(204);
});

test('/auth: action and resource are literals of the URL, decoded once, and nothing that a client sends changes them', async () => {
  const { gateway, admin, bearer, ask } = await openAuth();
  const { secret } = await issue(gateway, admin, {
    scopes: [{ action: 'package:push', resource: 'a/b*' }],
  });
  const { secret: percent } = await issue(gateway, admin, {
    scopes: [{ action: 'package:push', resource: 'a%2Fb' }],
  });
  const cases: [string, string, number][] = [
    [secret, '/auth/default/package:push/a%2Fb', 204],
    [secret, '/auth/default/package%3Apush/a%2fb%2A', 204],
    [secret, '/auth/default/package:push/a/b', 204],
    [secret, '/auth/default/package:push/a%252Fb', 403],
    [percent, '/auth/default/package:push/a%252Fb', 204],
    [percent, '/auth/default/package:push/a%2Fb', 403],
    // The URL has literals: its star matches only a star.
    [secret, '/auth/default/package:push/**', 403],
    [secret, '/auth/default/package:push/%2A%2A', 403],
    // What Envoy appends to its path prefix, and the query of a client.
    [secret, '/auth/default/package:push/a%2Fb/-/other/%ff/../x?action=y', 200],
    [secret, '/auth/default/package:push/a%2Fb/-', 200],
    [secret, '/auth/default/package:push/c/-/a%2Fb', 403],
    [secret, '/auth/default/-/package:push/c', 200],
    [secret, '/auth/default/package:push/a%2Fb?action=package:pull&resource=c', 204],
    // Faults of the configuration.
    [secret, '/auth/default/package:push/x/../a/b', 500],
    [secret, '/auth/default/package:push/a//b', 500],
    [secret, '/auth/default/package:push', 500],
    [secret, '/auth/default/package:push/', 500],
    [secret, '/auth/default/package:push/%E0%A4', 500],
    [secret, '/auth/default/package:push/-', 500],
    [secret, `/auth/default/package:push/${'a'.repeat(513)}`, 500],
    [secret, '/auth/', 500],
    [secret, '/auth/nowhere/package:push/a', 500],
  ];
  for (const [key, path, status] of cases) expect([path, (await bearer(key, path)).status]).toEqual([path, status]);
  const forged = {
    Authorization: `Bearer ${secret}`,
    'X-Original-URL': '/auth/default/package:push/a%2Fb',
    'X-Forwarded-Uri': '/auth/default/package:push/a%2Fb',
    'X-Keytide-Resource': 'a/b',
  };
  expect((await ask('/auth/default/package:push/c', forged)).status).toBe(403);
});

test('/auth: a proxy that does not prove itself is a fault of the configuration, whose reason is only in the log', async () => {
  const { gateway, admin, ask, verifier } = await openAuth();
  const { secret } = await issue(gateway, admin);
  await gateway.ask(
    'mutation { createRealm(input: { slug: "other", name: "Other" }) { __typename } }',
    {},
    await gateway.admin(),
  );
  const { secret: stranger } = await issue(gateway, admin, { realm: 'other', name: 'proxy', scopes: verifies });
  const { id: heldId, secret: held } = await issue(gateway, admin, { name: 'held proxy', scopes: verifies });
  await mutate(gateway, admin, 'holdKey', { keyId: heldId, reason: 'test' });
  const { port } = new URL(gateway.url);
  const by = (headers: Fields, path = PUSH) =>
    send({ host: '127.0.0.1', port }, path, { Authorization: `Bearer ${secret}`, ...headers });
  const faults: [Fields, string][] = [
    [{}, 'sent no X-Keytide-Verifier'],
    [{ 'X-Keytide-Verifier': secret }, 'keytide:verify'],
    [{ 'X-Keytide-Verifier': stranger }, 'keytide:verify'],
    [{ 'X-Keytide-Verifier': held }, 'holds the key'],
    [{ 'X-Keytide-Verifier': 'kt_nothing' }, 'No key of this realm'],
    [{ 'X-Keytide-Verifier': [verifier, verifier] }, 'came twice'],
  ];
  for (const [headers, reason] of faults) {
    gateway.logged.length = 0;
    gateway.clock.advance(1_000);
    const { status, body, headers: given } = await by(headers);
    expect([status, body]).toEqual([500, expect.stringContaining(String(given['x-request-id']))]);
    expect(body).not.toContain(reason);
    expect(gateway.logged.filter((line) => line.includes('proxy misconfigured'))).toEqual([
      expect.stringContaining(reason),
    ]);
  }
  // Strangers can ask at any rate: a reason is logged once a second, with the number of the others.
  gateway.clock.advance(1_000);
  gateway.logged.length = 0;
  for (let count = 0; count < 5; count += 1) expect((await by({})).status).toBe(500);
  gateway.clock.advance(1_000);
  expect((await by({})).status).toBe(500);
  expect(
    gateway.logged
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'proxy misconfigured')
      .map(({ omittedCount }) => omittedCount),
  ).toEqual([undefined, 4]);
  // A key of another realm than that of the URL is unknown, also to a verifier of both.
  const { secret: foreign } = await issue(gateway, admin, { realm: 'other', scopes: verifies });
  const answer = await ask('/auth/default', {
    'X-Keytide-Verifier': await gateway.admin(),
    Authorization: `Bearer ${foreign}`,
  });
  expect([answer.status, answer.headers['x-keytide-outcome'], answer.headers['x-keytide-key-id']]).toEqual([
    401,
    'KEY_UNKNOWN',
    undefined,
  ]);
});

test('/auth: a listener of its own is trusted for its realms, over TCP and over a unix socket, and serves nothing else', async () => {
  const auth = { headers: authHeaders, trustedRealms: ['default'] };
  const { gateway, admin, ask } = await openAuth({ auth });
  const { secret } = await issue(gateway, admin);
  const server = gateway.node.trustedHttp!;
  const host = { host: '127.0.0.1', port: await listen(server, '127.0.0.1', 0) };
  const headers = { Authorization: `Bearer ${secret}` };
  expect((await send(host, PUSH, headers)).status).toBe(204);
  // A verifier that a client sends proves nothing, and does no harm.
  expect((await send(host, PUSH, { ...headers, 'X-Keytide-Verifier': 'kt_forged' })).status).toBe(204);
  expect((await send(host, '/auth/other', headers)).status).toBe(500);
  for (const path of ['/verify', '/graphql', '/metrics', '/auth']) {
    expect([path, (await send(host, path, headers)).status]).toEqual([path, 404]);
  }
  // The public port trusts nobody.
  expect((await ask(PUSH, { ...headers, 'X-Keytide-Verifier': '' })).status).toBe(500);
});

test('/auth: a unix socket is for its owner and group, replaces one that a killed gateway left, and takes no other place', async () => {
  const auth = { headers: authHeaders, trustedRealms: ['default'] };
  const folder = scratchFolder();
  const path = join(folder, 'auth.sock');
  const abandoned = createServer();
  await new Promise<void>((resolve) => abandoned.listen(path, resolve));
  const { gateway, admin } = await openAuth({ auth });
  const { secret } = await issue(gateway, admin);
  await expect(listenForAuth(gateway.node.trustedHttp!, { path })).rejects.toMatchObject({
    code: 'EADDRINUSE',
    syscall: 'listen',
    message: `Cannot listen on ${path}: EADDRINUSE. Set KEYTIDE_AUTH_LISTEN to another place.`,
  });
  const socket = join(folder, 'other.sock');
  // Moved away, so that its end does not remove it.
  renameSync(path, socket);
  await new Promise((resolve) => abandoned.close(resolve));
  writeFileSync(path, 'a file of somebody');
  await expect(listenForAuth(gateway.node.trustedHttp!, { path })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await listenForAuth(gateway.node.trustedHttp!, { path: socket });
  expect(statSync(socket).mode & 0o777).toBe(0o660);
  const answer = await send({ socketPath: socket }, PUSH, { Authorization: `Bearer ${secret}` });
  expect(answer.status).toBe(204);
  await gateway.stop();
  expect(existsSync(socket)).toBe(false);
});

test('/auth: a gateway that cannot know answers 503 with Retry-After, never a refusal', async () => {
  const line = await openLine(await startedDatabase());
  const { gateway, admin, bearer } = await openAuth({ database: line.database });
  const { secret } = await issue(gateway, admin);
  const { secret: unseen } = await issue(gateway, admin);
  expect((await bearer(secret)).status).toBe(204);
  line.cut();
  const { status, headers, body } = await bearer(unseen);
  expect([status, headers['retry-after'], headers['www-authenticate']]).toEqual([503, '1', undefined]);
  expect(body).toContain('Keep the key and retry');
  line.mend();
  await expect.poll(async () => (await bearer(unseen)).status).toBe(204);
});
