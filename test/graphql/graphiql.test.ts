import { gunzipSync } from 'node:zlib';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { samples } from '../../src/graphql/graphiql-samples.ts';
import { measureDocument } from '../../src/graphql/limits/measure-document.ts';
import { measureNames } from '../../src/graphql/limits/measures.ts';
import { limits } from '../../src/graphql/limits/limit-table.ts';
import { schema } from '../../src/graphql/schema.ts';
import { ADMIN } from '../support/first-node.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { ISSUE_KEY } from '../support/operations.ts';
import { transports } from '../support/transports.ts';

/** What browsers ask for when a person opens an address. */
const PERSON = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

test('graphiql: in development anyone gets the page; its Content-Security-Policy allows only this origin', async () => {
  const gateway = await openGateway({ isOpen: true });
  const response = await open(gateway);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(policyOf(response)).toEqual({
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'worker-src': ["'self'"],
    'connect-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'", 'data:'],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  });
  const page = await response.text();
  expect(page).not.toMatch(/https?:|\/\/[a-z]|<style|\son\w+=|javascript:/i);
  expect(page.match(/<script\b[^>]*>[^<]/)).toBeNull();
  expect(addressesIn(page).map((address) => new URLSearchParams(address.split('?')[1]).get('file'))).toEqual([
    'favicon.ico',
    'graphiql.css',
    'graphiql.js',
    'start.js',
  ]);
});

test('graphiql: its assets are compressed, cached by content, and load nothing from other origins', async () => {
  const gateway = await openGateway({ isOpen: true });
  const start = await textAt(gateway, addressesIn(await (await open(gateway)).text()).at(-1) ?? '');
  const workers = JSON.parse(/^const workers = (.*);$/m.exec(start)?.[1] ?? '') as Record<string, string>;
  expect(Object.keys(workers)).toEqual(['editorWorkerService', 'json', 'graphql']);
  const addresses = [...addressesIn(await (await open(gateway)).text()), ...Object.values(workers)];
  for (const address of addresses) {
    const headers = { 'Accept-Encoding': 'gzip' };
    const zipped = await fetch(`${gateway.url}${address}`, { headers });
    expect([zipped.status, zipped.headers.get('content-encoding')], address).toEqual([200, 'gzip']);
    expect(zipped.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(zipped.headers.get('vary')).toBe('Accept-Encoding');
    expect(policyOf(zipped)).toEqual({ 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] });
    const type = address.includes('.js') ? 'text/javascript' : address.includes('.css') ? 'text/css' : 'image/x-icon';
    expect(zipped.headers.get('content-type')).toMatch(new RegExp(`^${type}`));
    const plain = await fetch(`${gateway.url}${address}`, { headers: { 'Accept-Encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    const text = await plain.text();
    expect(text.length).toBeGreaterThan(500);
    expect(text).not.toMatch(/unpkg\.com|jsdelivr|cdnjs|googleapis|\bimportScripts\(["'`]http|@import/);
  }
  const [, , graphiql = ''] = addresses;
  const { length } = await textAt(gateway, graphiql);
  const response = await fetch(`${gateway.url}${graphiql}`, { headers: { 'Accept-Encoding': 'gzip' } });
  expect(Number(response.headers.get('content-length'))).toBeLessThan(length / 3);
  // An address of another version is served, but not cached.
  const old = await fetch(`${gateway.url}${graphiql.replace(/v=.*/, 'v=old')}`);
  expect([old.status, old.headers.get('cache-control')]).toEqual([200, 'no-store']);
  await old.body?.cancel();
  for (const file of ['', 'x', '../package.json', 'constructor', 'graphiql.js/']) {
    const missing = await fetch(`${gateway.url}/graphiql?file=${encodeURIComponent(file)}`);
    expect(missing.status, file).toBe(404);
  }
  const posted = await fetch(`${gateway.url}/graphiql?file=start.js`, { method: 'POST' });
  expect(posted.status).toBe(405);
});

test('graphiql: an asset is the same compressed and uncompressed', async () => {
  const gateway = await openGateway({ isOpen: true });
  const [, style = ''] = addressesIn(await (await open(gateway)).text());
  const { default: http } = await import('node:http');
  const raw = await new Promise<Buffer>((resolve, reject) => {
    http.get(`${gateway.url}${style}`, { headers: { 'Accept-Encoding': 'gzip' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)));
      response.on('error', reject);
    });
  });
  expect(gunzipSync(raw).toString()).toBe(await textAt(gateway, style));
});

test('graphiql: in production it needs a valid credential; all others get instructions', async () => {
  const gateway = await openGateway({ isOpen: false });
  const session = await gateway.admin();
  const secret = await secretOf(gateway, session);
  for (const credential of [session, secret]) {
    const response = await open(gateway, { Authorization: `Bearer ${credential}` });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const page = await response.text();
    expect(page).not.toContain(credential);
    expect(response.headers.get('cache-control')).toBe('no-store');
  }
  const stranger = await open(gateway);
  expect([stranger.status, stranger.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  const directions = await stranger.text();
  for (const word of ['POST', 'signIn', 'Authorization: Bearer', 'graphql-transport-ws', 'KEYTIDE_MODE=development']) {
    expect(directions).toContain(word);
  }
  await gateway.ask('mutation { revokeKey(input: { reason: "gone" }) { __typename } }', {}, secret);
  for (const credential of ['x', 'kt_unknown', secret]) {
    const response = await open(gateway, { Authorization: `Bearer ${credential}` });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      401,
      'application/problem+json; charset=utf-8',
    ]);
  }
});

test('graphiql: programs get GraphQL responses; a person who follows a link without GraphiQL gets instructions', async () => {
  for (const isOpen of [true, false]) {
    const gateway = await openGateway({ isOpen });
    for (const Accept of ['application/json', '*/*', 'application/graphql-response+json']) {
      const response = await fetch(`${gateway.url}/graphql?query={__typename}`, { headers: { Accept } });
      expect(await response.json(), Accept).toEqual({ data: { __typename: 'Query' } });
    }
  }
  const { url } = await openGateway({ isOpen: false });
  const link = `${url}/graphql?query=${encodeURIComponent('{\n  key(id: "key_1") { name }\n}')}`;
  const response = await fetch(link, { headers: { Accept: PERSON } });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  const told = await response.text();
  expect(told).toContain('  {\n    key(id: "key_1") { name }\n  }');
  expect(told).toContain('curl -H "Authorization: Bearer $TOKEN"');
});

test('graphiql: it stores nothing that is typed into it, and its tabs are the samples', async () => {
  const gateway = await openGateway({ isOpen: true });
  const start = await textAt(gateway, addressesIn(await (await open(gateway)).text()).at(-1) ?? '');
  expect(start).toContain('"shouldPersistHeaders":false');
  expect(start).not.toMatch(/localStorage|sessionStorage|cookie/);
  const tabs = JSON.parse(/"defaultTabs":(\[.*\])\}, storage/.exec(start)?.[1] ?? '') as Record<string, string>[];
  expect(tabs.map(({ query }) => query)).toEqual(samples.map(({ query }) => query));
  // Headers are bytes: what is no Latin-1 cannot be sent.
  for (const { headers = '', variables = '' } of tabs) {
    expect(headers).toMatch(/^\p{ASCII}*$/u);
    expect(() => JSON.parse(variables) as unknown).not.toThrow();
  }
});

test('graphiql: each sample is valid and within the limits', () => {
  for (const { query, variables } of samples) {
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    const measures = measureDocument(document, schema, variables);
    for (const name of measureNames) expect(measures[name], name).toBeLessThanOrEqual(limits[name].accepted);
  }
});

test('graphiql: the samples work, run in order', async () => {
  const gateway = await openGateway({ isOpen: true });
  const [overHttp, overSse] = transports;
  const known: Record<string, string> = { 'admin@localhost': ADMIN.email };
  const answers: Record<string, any> = {};
  for (const { query, variables, needsSession } of samples) {
    const [, kind = '', name = ''] = /(query|mutation|subscription) (\w+)/.exec(query) ?? [];
    const filled = Object.entries(known).reduce(
      (text, [placeholder, value]) => text.replaceAll(placeholder, value),
      JSON.stringify(variables).replace('"password":""', `"password":"${ADMIN.password}"`),
    );
    const given = JSON.parse(filled) as Record<string, unknown>;
    // A watcher sees what happens after it has come, unless it says from where.
    if (name === 'WatchEvents') given['after'] = known['cursor'];
    // There has to be a key that is about to stop.
    if (name === 'WatchExpiring') await secretOf(gateway, known['token'] ?? '', 'P10D');
    const way = kind === 'subscription' ? overSse! : overHttp!;
    const { data, errors } = await way.ask(gateway, query, given, needsSession ? known['token'] : null);
    answers[name] = data;
    if (name !== 'WhoAmI') expect(errors, name).toBeUndefined();
    if (name === 'SignIn') {
      known['token'] = data?.['signIn'].token as string;
      known['cursor'] = (await gateway.ask('{ logCursor }', {}, known['token'])).data['logCursor'] as string;
    }
    if (name === 'IssueKey') {
      known['kt_<secret>'] = data?.['issueKey'].secret as string;
      known['key_<id>'] = data?.['issueKey'].key.id as string;
    }
  }
  expect(answers).toMatchObject({
    IssueKey: { issueKey: { secret: expect.stringMatching(/^kt_/) } },
    VerifyKey: { verifyKey: { outcome: 'VALID' } },
    ListKeys: {
      keys: { edges: [{ node: { name: 'my first key', owner: {}, scopes: [{ action: 'package:push' }] } }] },
    },
    RenewKey: { renewKey: { key: { id: known['key_<id>'] } } },
    RotateKey: { rotateKey: { secret: expect.stringMatching(/^kt_/), previousRetiresAt: expect.any(String) } },
    WatchEvents: { events: { type: 'KEY_ISSUED', key: { id: known['key_<id>'] } } },
    WatchExpiring: { expiring: { stopsBasis: 'HARD', remaining: 'P10D', key: { name: 'k' } } },
  });
});

function open({ url }: Gateway, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/graphql`, { headers: { Accept: PERSON, ...headers } });
}

function addressesIn(page: string): string[] {
  return [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
}

async function textAt({ url }: Gateway, address: string): Promise<string> {
  return (await fetch(`${url}${address}`)).text();
}

function policyOf({ headers }: Response): Record<string, string[]> {
  const directives = (headers.get('content-security-policy') ?? '')
    .split('; ')
    .map((directive) => directive.split(' '));
  return Object.fromEntries(directives.map(([name = '', ...sources]) => [name, sources]));
}

async function secretOf(gateway: Gateway, session: string, lifetime = 'P90D'): Promise<string> {
  const input = { realm: 'default', name: 'k', lifetime, scopes: [{ action: 'package:push', resource: 'a' }] };
  return (await gateway.ask(ISSUE_KEY, { input }, session)).data['issueKey'].secret as string;
}
