import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../../src/domain/duration.ts';
import { leakSources } from '../../../src/settings/leak-kinds.ts';
import { openLeakWorld } from '../../support/leak-world.ts';

test('leaks: a report signed by the standardwebhooks library is accepted under the name of its source', async () => {
  const leaks = await openLeakWorld();
  const { id, secret } = await leaks.world.key();
  expect((await leaks.scan([{ token: secret, type: 'keytide' }])).labels).toEqual(['true_positive']);
  expect((await leaks.key(id)).holds).toMatchObject([{ source: 'scanner (leak report)' }]);
  const event = await leaks.gateway.prisma.event.findFirst({ where: { keyId: id, type: 'KEY_HELD' } });
  expect(event).toMatchObject({ actorName: 'scanner', data: { reportedBy: 'scanner', url: null, foundIn: null } });
  const metrics = await (await fetch(`${leaks.gateway.url}/metrics`)).text();
  expect(metrics).toContain('keytide_leak_reports_total{source="scanner",outcome="TAKEN"} 1');
});

test('leaks: a scanner’s report that is forged, stale, from the future or sent to another path is refused', async () => {
  const leaks = await openLeakWorld();
  const { gateway, scanner, send } = leaks;
  const { secret } = await leaks.world.key();
  const records = [{ token: secret, type: 'keytide' }];
  const body = JSON.stringify(records);
  const now = gateway.clock.now();
  const at = (ms: number) => new Date(now.getTime() + ms);
  const late = 5 * MINUTE_MS + SECOND_MS;
  expect((await leaks.scan(records, at(-late))).status).toBe(400);
  expect((await leaks.scan(records, at(late))).status).toBe(400);
  const headers = {
    'webhook-id': 'a',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': scanner.sign('a', now, body),
  };
  const { 'webhook-signature': signature } = headers;
  const cases: [string, string, string, object][] = [
    ['unsigned', '/leaks/scanner', body, { 'webhook-signature': undefined }],
    ['under another id', '/leaks/scanner', body, { 'webhook-id': 'b' }],
    [
      'under another moment',
      '/leaks/scanner',
      body,
      { 'webhook-timestamp': String(Math.floor(now.getTime() / 1000) + 1) },
    ],
    ['with no moment', '/leaks/scanner', body, { 'webhook-timestamp': 'now' }],
    ['of another body', '/leaks/scanner', `${body} `, {}],
    ['as another version', '/leaks/scanner', body, { 'webhook-signature': signature.replace('v1,', 'v1a,') }],
    [
      'of a stranger',
      '/leaks/scanner',
      body,
      { 'webhook-signature': new Webhook(randomBytes(32).toString('base64')).sign('a', now, body) },
    ],
    ['behind ten others', '/leaks/scanner', body, { 'webhook-signature': `${'v1,AAAA '.repeat(10)}${signature}` }],
    ['to GitHub’s path', '/leaks/github', body, {}],
  ];
  for (const [title, path, sent, more] of cases) {
    const all = Object.entries({ ...headers, ...more }).filter(([, value]) => value !== undefined);
    expect((await send(path, sent, Object.fromEntries(all) as Record<string, string>)).status, title).toBe(400);
  }
  expect(await leaks.verify(secret)).toBe('VALID');
  expect((await send('/leaks/scanner', body, headers)).labels).toEqual(['true_positive']);
});

test('leaks: a repeated scanner report changes nothing more, also under another id', async () => {
  const leaks = await openLeakWorld();
  const { id, secret } = await leaks.world.key();
  const records = [{ token: secret, type: 'keytide' }];
  const first = await leaks.scan(records);
  await leaks.world.mutate('resumeKey', { keyId: id }, 'key { id }');
  expect((await leaks.scan(records)).text).toBe(first.text);
  expect((await leaks.scan(records, leaks.gateway.clock.now(), 'report-2')).text).toBe(first.text);
  expect(await leaks.eventsOf(id)).toEqual(['KEY_ISSUED', 'KEY_HELD', 'KEY_RESUMED']);
});

test('leaks: a scanner may sign with Ed25519, and with the old or the new secret during a replacement', async () => {
  const pair = generateKeyPairSync('ed25519');
  const jwk = pair.publicKey.export({ format: 'jwk' });
  const [old, next] = [randomBytes(32).toString('base64'), randomBytes(24).toString('base64')];
  const publicKey = Buffer.from(jwk.x!, 'base64url').toString('base64');
  const read = leakSources.read(`a=whsec_${old}\na=whsec_${next}, b=whpk_${publicKey}\n`);
  if (!('value' in read)) throw new Error(read.found);
  const { send, gateway } = await openLeakWorld({ leaks: { githubKeys: null, sources: read.value } });
  const now = gateway.clock.now();
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const headers = { 'webhook-id': '1', 'webhook-timestamp': timestamp };
  for (const secret of [old, next]) {
    const signature = new Webhook(secret).sign('1', now, '[]');
    expect((await send('/leaks/a', '[]', { ...headers, 'webhook-signature': signature })).status).toBe(200);
    expect((await send('/leaks/b', '[]', { ...headers, 'webhook-signature': signature })).status).toBe(400);
  }
  const content = Buffer.from(`1.${timestamp}.[]`);
  const privateKey = createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const signature = `v1,AAAA v1a,${sign(null, content, privateKey).toString('base64')}`;
  expect((await send('/leaks/b', '[]', { ...headers, 'webhook-signature': signature })).status).toBe(200);
});
