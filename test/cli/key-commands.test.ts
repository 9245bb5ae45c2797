import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openLoggedInWorld } from '../support/command-world.ts';
import { READ, issue as issueKey } from '../support/issue.ts';
import { startLossyGateway } from '../support/lossy-gateway.ts';
import { makeManyKeys } from '../support/many-keys.ts';
import { VERIFY_KEY } from '../support/operations.ts';

const SCOPE = ['--scope', 'package:push=Acme.*'];

/** The documented members of a key. */
const MEMBERS = [
  'id',
  'name',
  'realm',
  'owner',
  'state',
  'standing',
  'scopes',
  'labels',
  'createdAt',
  'expiresAt',
  'stopsAt',
  'stopsBasis',
  'lastUsedAt',
  'warnings',
];

test('issue: the secret goes to a new private file, or to standard output on request', async () => {
  const { run, path, read, rights, pia } = await openLoggedInWorld();
  const words = ['issue', 'release', ...SCOPE, '--lifetime', '30d', '--label', 'repo=core', '--label', 'team=a'];
  const issued = await run([...words, '--to', 'release.secret', '--json']);
  expect(issued.status).toBe(0);
  expect(Object.keys(issued.json)).toEqual(['key', 'secretFile']);
  expect(Object.keys(issued.json.key)).toEqual(MEMBERS);
  expect(issued.json).toMatchObject({
    key: {
      name: 'release',
      realm: 'default',
      owner: { id: pia.id, name: 'pia' },
      state: 'ACTIVE',
      scopes: [{ action: 'package:push', resource: 'Acme.*' }],
      labels: { repo: 'core', team: 'a' },
      stopsBasis: 'HARD',
    },
    secretFile: path('release.secret'),
  });
  expect([read('release.secret'), rights('release.secret')]).toEqual([expect.stringMatching(/^kt_\w{49}\n$/), '600']);
  expect(issued.stdout + issued.stderr).not.toContain(read('release.secret').trim());

  const shown = await run(['issue', 'other', ...SCOPE, '--show']);
  expect([shown.status, shown.stdout]).toEqual([0, expect.stringMatching(/^kt_\w{49}\n$/)]);
  expect(shown.stderr).not.toContain(shown.stdout.trim());
  const json = await run(['issue', 'third', ...SCOPE, '--show', '--json']);
  expect(Object.keys(json.json)).toEqual(['key', 'secret']);

  // Without --json, prints the file and the key's details.
  const details = await run([
    'issue',
    'fourth',
    ...SCOPE,
    '--to',
    'fourth.secret',
    '--expires-at',
    '2027-01-01T00:00:00Z',
  ]);
  expect(details.stdout).toContain('2027-01-01 00:00 UTC (in ');
  expect(details.stdout).toContain(path('fourth.secret'));
});

test('issue: without a place for the secret no key is issued, and a failure leaves no file', async () => {
  const { run, gateway, path, write } = await openLoggedInWorld();
  write('taken', 'something');
  const cases: [string[], number, string][] = [
    [['issue', 'a', ...SCOPE], 64, 'Give --to <file>, or --show for standard output'],
    [['issue', 'a', ...SCOPE, '--to', 'taken'], 73, 'exists already: give a new file.'],
    [['issue', 'a', ...SCOPE, '--to', 'nowhere/x'], 73, 'nowhere does not exist (ENOENT)'],
    [['issue', 'a', ...SCOPE, '--to', 'x', '--show'], 64, 'cannot be used with option'],
    [['issue', 'a', '--to', 'x'], 64, "required option '--scope <scopes...>' not specified"],
    [['issue', 'a', '--scope', 'package:push', '--to', 'x'], 64, 'expected a text such as package:push=Acme.*'],
    [['issue', 'a', ...SCOPE, '--label', 'repo', '--to', 'x'], 64, 'expected a text such as repo=core'],
    [['issue', 'a', ...SCOPE, '--lifetime', 'P1M', '--to', 'x'], 64, '--lifetime: '],
    [['issue', 'a', ...SCOPE, '--expires-at', 'soon', '--to', 'x'], 64, 'found soon: expected an RFC 3339 timestamp'],
    [
      ['issue', 'a', ...SCOPE, '--lifetime', '1d', '--expires-at', '2027-01-01', '--to', 'x'],
      64,
      'at most one of them',
    ],
    [['issue', 'a', ...SCOPE, '--lifetime', '2000d', '--to', 'x'], 69, 'Request an expiry between'],
    [['issue', 'a', '--scope', 'cake:eat=**', '--to', 'x'], 69, 'Request one of these, or ask an administrator'],
    [['issue', 'a', ...SCOPE, '--realm', 'nowhere', '--to', 'x'], 69, 'Check the realm’s slug'],
    [['issue', 'a\u0007', ...SCOPE, '--to', 'x'], 65, 'control character'],
    [['issue', ...SCOPE, '--to', 'x'], 64, "missing required argument 'name'"],
  ];
  for (const [words, status, message] of cases) {
    const result = await run(words);
    expect([words, result.status, result.stdout]).toEqual([words, status, '']);
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toMatch(/\n {4}at /);
  }
  expect(existsSync(path('x'))).toBe(false);
  expect(await gateway.prisma.key.count()).toBe(0);
});

test('issue: a lost response is requested again, and a single key is issued', async () => {
  const { run, gateway, login, pia, path } = await openLoggedInWorld();
  const { createServer } = await import('node:http');
  let lost = 0;
  const proxy = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const { authorization = '' } = request.headers;
      const headers = { 'Content-Type': 'application/json', Authorization: authorization };
      const answer = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body });
      const text = await answer.text();
      if (body.includes('issueKey') && lost === 0) {
        lost += 1;
        return response.destroy();
      }
      return response.writeHead(answer.status, { 'Content-Type': 'application/graphql-response+json' }).end(text);
    })();
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
  try {
    expect((await run(['login', '--with-token', '--url', url], { input: pia.token })).status).toBe(0);
    const issued = await run(['issue', 'release', ...SCOPE, '--to', 'release.secret', '--json']);
    expect([issued.status, lost]).toEqual([0, 1]);
    expect(await gateway.prisma.key.findMany({ select: { id: true } })).toEqual([{ id: issued.json.key.id }]);
    expect(existsSync(path('release.secret'))).toBe(true);
  } finally {
    proxy.close();
    await login();
  }
});

test('rotate, issue: if no response arrives, the message says what may have happened and how to fix it', async () => {
  const { run, gateway, login, issue, path } = await openLoggedInWorld();
  const { id, secret } = await issue('release');
  const { url } = await startLossyGateway(gateway.url, (name) => name === 'Change');
  const file = '.local/state/keytide/login.json';
  writeFileSync(path(file), readFileSync(path(file), 'utf8').replace(gateway.url, url));
  const rotated = await run(['rotate', 'release', '--to', 'new.secret']);
  expect([rotated.status, existsSync(path('new.secret'))]).toEqual([75, false]);
  expect(rotated.stderr).toContain(
    `The change may have been made: run keytide undo ${id}. Otherwise the old secret retires`,
  );
  const issued = await run(['issue', 'second', ...SCOPE, '--to', 'second.secret']);
  expect([issued.status, issued.stderr]).toEqual([75, expect.stringContaining('with keytide list and revoke it.')]);
  await login();
  expect((await run(['undo', id])).status).toBe(0);
  expect((await gateway.ask('{ viewer { __typename } }', {}, secret)).errors).toBeUndefined();
});

test('list: keys are printed as a table or as JSON, with filters', async () => {
  const { run, issue, gateway, pia } = await openLoggedInWorld();
  await issue('core', '--lifetime', '10d', '--label', 'repo=core');
  const { id } = await issue('web', '--lifetime', '90d', '--label', 'repo=web');
  gateway.clock.advance(1_000);
  const { id: gone } = await issueKey(gateway, pia.token, { name: 'gone' });
  await run(['revoke', gone, '--reason', 'moved', '--yes']);
  const names = async (...words: string[]) =>
    (await run(['list', '--json', ...words])).json.keys.map((key: any) => key.name);
  expect(await names()).toEqual(['gone', 'web', 'core']);
  expect(await names('--state', 'active')).toEqual(['web', 'core']);
  expect(await names('--stops-within', '14d')).toEqual(['core']);
  expect(await names('--label', 'repo=web')).toEqual(['web']);
  expect(await names('--search', 'cor')).toEqual(['core']);
  expect(await names('--owner', pia.id, '--realm', 'default', '--never-used', '--first', '1')).toEqual(['gone']);
  expect(await names('--issued-by', pia.id, '--unused-for', '1s')).toEqual(['gone', 'web', 'core']);
  const origin = ['--subject', 'customer/1', '--token-rule', 'rule_01m844evt8fhatnd989cp557ja', '--used-by', 'nightly'];
  expect(await names(...origin, '--issued-after', '2020-01-01', '--issued-before', '2100-01-01T00:00:00Z')).toEqual([]);
  const refused = await run(['list', '--issued-by', 'pia']);
  expect([refused.status, refused.stderr]).toEqual([65, expect.stringContaining('expected such an id')]);
  const table = await run(['list', '--state', 'active']);
  const [head = '', first = ''] = table.stdout.split('\n');
  expect(head).toMatch(/^ID +NAME +REALM +OWNER +STATE +STOPS +LAST USED$/);
  expect(first).toMatch(new RegExp(`^${id} +web +default +pia +ACTIVE +20\\d\\d-.* UTC \\(in (90|89) days\\) +never$`));
  // Not a terminal: no color.
  expect(table.stdout).not.toContain('\u001b');
  expect(await run(['list', '--first', 'some'])).toMatchObject({ status: 64 });
  expect(await run(['list', '--state', 'sleeping'])).toMatchObject({ status: 64 });
});

test('issue, show: a key gets notes, the addresses it may come from, and the moment from which it is valid', async () => {
  const { run } = await openLoggedInWorld();
  const words = ['issue', 'nightly', ...SCOPE, '--show', '--description', 'the nightly build'];
  const malformed = await run([...words, '--metadata', '[1]']);
  expect([malformed.status, malformed.stderr]).toEqual([64, expect.stringContaining('JSON that is not an object')]);
  const soon = new Date(Date.now() + 10 * 86_400_000).toISOString();
  const restrictions = ['--not-before', soon, '--allowed-address', '192.0.2.0/24', '2001:db8::1'];
  expect((await run([...words, ...restrictions, '--metadata', '{"ticket":4711}'])).status).toBe(0);
  const shown = await run(['show', 'nightly', '--json']);
  expect(shown.json.key).toMatchObject({
    description: 'the nightly build',
    metadata: { ticket: 4711 },
    notBefore: soon,
    allowedAddresses: ['192.0.2.0/24', '2001:db8::1/128'],
  });
  const details = (await run(['show', 'nightly'])).stdout;
  expect(details).toMatch(/^not before +20.* UTC \(in/m);
  expect(details).toMatch(/^addresses +192\.0\.2\.0\/24, 2001:db8::1/m);
});

test('usage: it prints consumers and days of a key, and the days of a realm for administrators', async () => {
  const { run, issue, gateway, login } = await openLoggedInWorld();
  const { id, secret } = await issue('core');
  const admin = await gateway.admin();
  const verify = { input: { secret, action: 'package:push', resource: 'Acme.Core', consumer: 'nightly' } };
  expect((await gateway.ask(VERIFY_KEY, verify, admin)).errors).toBeUndefined();
  await gateway.services.uses.flush();
  const usage = await run(['usage', 'core', '--json']);
  expect(usage.json).toMatchObject({ id, name: 'core', consumers: [{ name: 'nightly', generation: 1, count: 1 }] });
  expect(usage.json.days).toEqual([
    { day: gateway.clock.now().toISOString().slice(0, 10), outcome: 'VALID', count: 1 },
  ]);
  const table = (await run(['usage', id])).stdout;
  expect(table).toMatch(/^CONSUMER +SECRET +FIRST USED +LAST USED +COUNT\nnightly +1 +20/);
  expect(table).toMatch(/\n\nDAY +OUTCOME +COUNT\n\d{4}-\d\d-\d\d +VALID +1\n$/);
  const period = ['--from', '2020-01-01', '--to', '2020-02-01T00:00:00Z'];
  expect((await run(['usage', id, ...period])).stdout).toBe(
    'No consumer has used the key in this time.\n\nNo verification was counted in this time.\n',
  );
  const refusals: [string[], number, string][] = [
    [[id, '--realm', 'default'], 64, 'Expected either'],
    [['--realm', 'nowhere'], 65, 'No realm "nowhere" exists'],
    [['--realm', 'default'], 77, 'Only administrators'],
  ];
  for (const [more, status, said] of refusals) {
    const refused = await run(['usage', ...more]);
    expect([more, refused.status, refused.stderr]).toEqual([more, status, expect.stringContaining(said)]);
  }
  await login(admin);
  expect((await run(['usage', '--realm', 'default', '--json'])).json).toMatchObject({
    realm: 'default',
    days: [{ outcome: 'VALID', count: 1 }],
  });
});

test('list: all pages are read', async () => {
  const { run, gateway, pia } = await openLoggedInWorld();
  const { id: realmId } = await gateway.prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const keys = Array.from({ length: 230 }, (_, index) => ({ name: `key ${index}`, accountId: pia.id }));
  await makeManyKeys(gateway.services, realmId, keys);
  const { json } = await run(['list', '--json']);
  expect(new Set(json.keys.map(({ id }: any) => id)).size).toBe(230);
  expect((await run(['list', '--json', '--first', '120'])).json.keys).toHaveLength(120);
});

test('show: a key is given by id or name, and shown with its secrets, holds, rotation and renewal', async () => {
  const { run, issue, gateway } = await openLoggedInWorld();
  const { id, secret } = await issue('release', '--lifetime', '30d');
  await run(['rotate', 'release', '--to', 'new.secret']);
  await gateway.ask(VERIFY_KEY, { input: { secret, consumer: 'ci' } }, await gateway.admin());
  await gateway.services.uses.flush();
  const { status, json } = await run(['show', 'release', '--json']);
  expect(status).toBe(0);
  expect(Object.keys(json.key)).toEqual([
    ...MEMBERS,
    'description',
    'metadata',
    'notBefore',
    'allowedAddresses',
    'holds',
    'secrets',
    'rotation',
    'renewalInfo',
  ]);
  expect(json.key).toMatchObject({
    id,
    rotation: { notMoved: ['ci'] },
    secrets: [{ generation: 2 }, { generation: 1 }],
  });
  const details = await run(['show', id]);
  for (const part of ['not moved     ci', 'secret        kt_', 'renewal       ', 'package:push on Acme.*']) {
    expect(details.stdout).toContain(part);
  }
});

test('show: an ambiguous name, an unknown name and a secret are refused with a remedy', async () => {
  const { run, issue } = await openLoggedInWorld();
  const first = await issue('twin');
  const second = await run(['issue', 'twin', ...SCOPE, '--show', '--json']);
  const several = await run(['show', 'twin']);
  expect([several.status, several.stderr]).toEqual([65, expect.stringContaining(`2 keys have the name "twin"`)]);
  expect(several.stderr).toContain(first.id);
  expect(await run(['show', 'nobody'])).toMatchObject({ status: 65, stderr: expect.stringContaining('keytide list') });
  const missing = await run(['show', 'key_01h455vb4pex5vsknk084sn02q']);
  expect([missing.status, missing.stderr]).toEqual([65, expect.stringContaining('No key key_01h4')]);
  const typed = await run(['show', first.secret]);
  expect([typed.status, typed.stderr]).toEqual([64, expect.stringContaining('Found a secret')]);
  expect(typed.stderr).not.toContain(first.secret);
  // If one of two keys is revoked, the name means the other one.
  await run(['revoke', second.json.key.id, '--reason', 'one too many', '--yes']);
  expect((await run(['show', 'twin', '--json'])).json.key.id).toBe(first.id);
});

test('explain: it prints the verdict of each policy, and which one decides', async () => {
  const { run, issue } = await openLoggedInWorld();
  const { id } = await issue('release');
  const { status, stdout } = await run(['explain', 'release']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/POLICY +STOPS IT +BECAUSE/);
  expect(stdout).toMatch(/unused-expires +20\d\d-\S+ \S+ UTC \(in 39\d days\) +decides/);
  const { json } = await run(['explain', id, '--json']);
  expect(Object.keys(json)).toEqual(['id', 'name', 'explanation']);
  expect(json.explanation.verdicts.length).toBeGreaterThan(0);
  expect((await run(['explain', 'nobody'])).status).toBe(65);
});

test('rotate, undo, revoke: the new secret is written, the old one stays current after undo, and revoke ends the key', async () => {
  const { run, issue, gateway, read, rights } = await openLoggedInWorld();
  const { id, secret } = await issue('release');
  const rotated = await run(['rotate', 'release', '--grace-period', '2h', '--to', 'new.secret', '--json']);
  expect([rotated.status, Object.keys(rotated.json)]).toEqual([0, ['key', 'previousRetiresAt', 'secretFile']]);
  expect(Math.abs(Date.parse(rotated.json.previousRetiresAt) - Date.now() - 7_200_000)).toBeLessThan(120_000);
  expect(rights('new.secret')).toBe('600');
  const fresh = read('new.secret').trim();
  expect(fresh).not.toBe(secret);
  expect(await run(['rotate', id, '--to', 'third.secret'])).toMatchObject({
    status: 69,
    stderr: expect.stringContaining('Confirm or undo it, or wait until '),
  });
  const undone = await run(['undo', 'release', '--json']);
  expect([undone.status, Object.keys(undone.json)]).toEqual([0, ['key']]);
  expect((await gateway.ask('{ viewer { __typename } }', {}, fresh)).errors).toBeDefined();
  expect((await gateway.ask('{ viewer { __typename } }', {}, secret)).errors).toBeUndefined();
  expect(await run(['undo', 'release'])).toMatchObject({ status: 69 });

  expect(await run(['revoke', 'release'])).toMatchObject({ status: 64, stderr: expect.stringContaining('--reason') });
  expect(await run(['revoke', 'release', '--reason', 'over'])).toMatchObject({
    status: 64,
    stderr: 'keytide: Standard input is not a terminal, so the command cannot ask. Give --yes.\n',
  });
  expect((await run(['show', id, '--json'])).json.key.state).toBe('ACTIVE');
  const result = await run(['revoke', 'release', '--reason', 'over', '--yes', '--json']);
  expect(result.json.key).toMatchObject({ id, state: 'REVOKED' });
  expect(await gateway.prisma.event.findFirst({ where: { type: 'KEY_REVOKED' } })).toMatchObject({ reason: 'over' });
  expect(await run(['rotate', id, '--show'])).toMatchObject({ status: 69, stdout: '' });
});

test('rotate: a login with the rotated key itself gets a hint to log in again', async () => {
  const { run, gateway, pia, login } = await openLoggedInWorld();
  const { id, secret } = await issueKey(gateway, pia.token, { name: 'reader', scopes: [READ] });
  await login(secret);
  const { status, stderr } = await run(['rotate', id, '--to', 'new.secret']);
  expect([status, stderr]).toEqual([0, expect.stringContaining('keytide login --with-token again')]);
});
