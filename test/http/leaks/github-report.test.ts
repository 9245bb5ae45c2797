import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../../../src/domain/duration.ts';
import { REVIVAL_MS } from '../../../src/domain/life.ts';
import { newSecret } from '../../../src/domain/secret.ts';
import { parseGithubKeys } from '../../../src/http/leaks/parse-github-keys.ts';
import { systemRandom } from '../../../src/store/random.ts';
import { dumpTables } from '../../support/dump-tables.ts';
import { GithubSigner, openLeakWorld, type LeakWorld } from '../../support/leak-world.ts';

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
const unknown = () => newSecret(systemRandom).reveal();

/** All rows, but for what nodes and sessions write by themselves. */
async function openDump({ gateway }: LeakWorld): Promise<() => Promise<Record<string, string[]>>> {
  const client = new Client({ connectionString: gateway.database });
  await client.connect();
  onTestFinished(() => client.end());
  return async () => {
    const { Node: _nodes, Session: _sessions, ...tables } = await dumpTables(client);
    return tables;
  };
}

test('leaks: GitHub’s documented example is accepted with its documented key', async () => {
  // docs.github.com, "Secret scanning partner program", "Sample HTTP POST sent to verify endpoint".
  const id = 'f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d';
  const key =
    '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP\nHzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==\n-----END PUBLIC KEY-----';
  const body = '[{"token":"some_token","type":"some_type","url":"some_url","source":"some_source"}]';
  const headers = {
    'Github-Public-Key-Identifier': id,
    'Github-Public-Key-Signature':
      'MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T9GGJo6WJY=',
  };
  const keys = parseGithubKeys(JSON.stringify({ public_keys: [{ key_identifier: id, key, is_current: true }] }))!;
  const { send } = await openLeakWorld({ leaks: { githubKeys: { keys }, sources: [] } });
  const { status, text } = await send('/leaks/github', body, headers);
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual([
    { token_hash: digestOf('some_token'), token_type: 'some_type', label: 'false_positive' },
  ]);
  expect((await send('/leaks/github', `${body}\n`, headers)).status).toBe(400);
});

test('leaks: a key’s secret is a true positive, any other token a false positive, and no token is echoed', async () => {
  const leaks = await openLeakWorld();
  const { id, secret } = await leaks.world.key();
  const stranger = unknown();
  const answer = await leaks.report(leaks.record(secret), leaks.record(stranger), leaks.record('ghp_other'));
  expect(JSON.parse(answer.text)).toEqual([
    { token_hash: digestOf(secret), token_type: 'keytide_api_key', label: 'true_positive' },
    { token_hash: digestOf(stranger), token_type: 'keytide_api_key', label: 'false_positive' },
    { token_hash: digestOf('ghp_other'), token_type: 'keytide_api_key', label: 'false_positive' },
  ]);
  expect(answer.text).not.toContain(secret.slice(0, 12));
  expect(await leaks.verify(secret)).toBe('KEY_HELD');
  expect((await leaks.key(id)).holds).toEqual([
    { source: 'github (leak report)', reason: 'Its secret was reported as leaked by github.' },
  ]);
});

test('leaks: a report without a valid signature by a current key changes nothing, and every refusal is the same', async () => {
  const leaks = await openLeakWorld();
  const { github, send, record, gateway } = leaks;
  const { id, secret } = await leaks.world.key();
  const body = JSON.stringify([record(secret)]);
  const dump = await openDump(leaks);
  const before = await dump();
  const signed = github.headers(body);
  const { ['Github-Public-Key-Signature']: signature = '', ...named } = signed;
  const otherSigner = new GithubSigner();
  const cases: [string, string, Record<string, string>][] = [
    ['unsigned', body, {}],
    ['without a signature', body, named],
    ['without an identifier', body, { 'Github-Public-Key-Signature': signature }],
    ['by an unknown key', body, otherSigner.headers(body)],
    [
      'by another key under a known name',
      body,
      { ...otherSigner.headers(body), 'Github-Public-Key-Identifier': github.id },
    ],
    ['serialised again', JSON.stringify(JSON.parse(body), null, 1), signed],
    ['with one byte more', `${body} `, signed],
    ['with a signature of something else', body, github.headers('[]')],
    ['with no base64', body, { ...named, 'Github-Public-Key-Signature': '~~~' }],
    ['with a signature cut short', body, { ...named, 'Github-Public-Key-Signature': signature.slice(0, 40) }],
    ['with an endless signature', body, { ...named, 'Github-Public-Key-Signature': 'A'.repeat(4000) }],
  ];
  const answers = new Set<string>();
  for (const [title, sent, headers] of cases) {
    const { status, text } = await send('/leaks/github', sent, headers);
    expect(status, title).toBe(400);
    answers.add(text);
  }
  expect(answers.size).toBe(1);
  expect(await dump()).toEqual(before);
  expect((await leaks.key(id)).state).toBe('ACTIVE');
  expect(gateway.logged.filter((line) => line.includes('leak report refused'))).toHaveLength(cases.length);

  const retired = parseGithubKeys(JSON.stringify({ public_keys: [github.entry(false), otherSigner.entry()] }))!;
  const later = await openLeakWorld({ leaks: { githubKeys: { keys: retired }, sources: [] } });
  expect((await later.send('/leaks/github', body, signed)).status).toBe(400);
  expect((await later.send('/leaks/github', body, otherSigner.headers(body))).status).toBe(200);
});

test('leaks: a malformed record does not stop the others; a malformed or oversized list changes nothing', async () => {
  const leaks = await openLeakWorld();
  const { secret } = await leaks.world.key();
  const bad = [null, 7, 'text', [], {}, { token: 7, type: 'a' }, { token: 'a' }, { token: 'a', type: 'a'.repeat(201) }];
  const odd = { token: secret, type: 'a', url: { deep: [secret] }, source: 7 };
  const { status, labels } = await leaks.report(...bad, odd, ...bad);
  expect([status, labels]).toEqual([200, ['true_positive']]);

  const other = await leaks.world.key();
  const one = JSON.stringify(leaks.record(other.secret));
  const crowd = `[${one}${',{"token":"a","type":"a"}'.repeat(10_000)}]`;
  for (const body of [one, `[${one}`, '', 'null', `{"0":${one}}`, crowd]) {
    expect((await leaks.send('/leaks/github', body, leaks.github.headers(body))).status).toBe(400);
  }
  const huge = `[${one},"${'a'.repeat(2_000_000)}"]`;
  expect((await leaks.send('/leaks/github', huge, leaks.github.headers(huge))).status).toBe(413);
  expect(await leaks.verify(other.secret)).toBe('VALID');
});

test('leaks: a repeated report changes nothing and gets the same response, whatever happened to the key since', async () => {
  const leaks = await openLeakWorld();
  const { world, record } = leaks;
  const { id, secret } = await world.key();
  const first = await leaks.report(record(secret), record(secret));
  expect(first.labels).toEqual(['true_positive', 'true_positive']);
  await world.mutate('resumeKey', { keyId: id }, 'key { id }');
  const dump = await openDump(leaks);
  const before = await dump();
  const again = await leaks.report(record(secret), record(secret));
  expect(again.text).toBe(first.text);
  expect(await dump()).toEqual(before);
  expect(await leaks.verify(secret)).toBe('VALID');
  await world.mutate('revokeKey', { keyId: id, reason: 'gone' }, 'key { id }');
  expect((await leaks.report(record(secret), record(secret))).text).toBe(first.text);
  expect(await leaks.eventsOf(id)).toEqual(['KEY_ISSUED', 'KEY_HELD', 'KEY_RESUMED', 'KEY_FIRST_USED', 'KEY_REVOKED']);
});

test('leaks: ten thousand well-formed random tokens change nothing and all are false positives', async () => {
  const leaks = await openLeakWorld();
  const { id } = await leaks.world.key();
  const dump = await openDump(leaks);
  const before = await dump();
  for (let batch = 0; batch < 10; batch += 1) {
    const tokens = Array.from({ length: 1_000 }, () => leaks.record(unknown()));
    const { status, labels } = await leaks.report(...tokens);
    expect(status).toBe(200);
    expect([labels.length, new Set(labels)]).toEqual([1_000, new Set(['false_positive'])]);
  }
  expect(await dump()).toEqual(before);
  expect((await leaks.key(id)).state).toBe('ACTIVE');
});

test('leaks: retired secrets change nothing and are true positives, unlike tokens that never were secrets', async () => {
  const leaks = await openLeakWorld();
  const { world, record } = leaks;
  const revoked = await world.key();
  await world.mutate('revokeKey', { keyId: revoked.id, reason: 'gone' }, 'key { id }');
  const rotated = await world.key();
  await world.mutate('rotateKey', { keyId: rotated.id, gracePeriod: 'PT0S' }, 'key { id }');
  const malformed = `${revoked.secret.slice(0, -1)}~`;
  const dump = await openDump(leaks);
  const before = await dump();
  const { labels } = await leaks.report(
    ...[revoked.secret, rotated.secret, malformed, unknown()].map((one) => record(one)),
  );
  expect(labels).toEqual(['true_positive', 'true_positive', 'false_positive', 'false_positive']);
  expect(await dump()).toEqual(before);

  const expired = await world.key();
  leaks.gateway.clock.advance(45 * DAY_MS + REVIVAL_MS);
  expect((await leaks.report(record(expired.secret))).labels).toEqual(['true_positive']);
  expect(await leaks.verify(expired.secret)).toBe('KEY_EXPIRED');
  expect(await leaks.eventsOf(expired.id)).not.toContain('KEY_HELD');
});

test('leaks: without settings there are no paths for reports', async () => {
  const { send } = await openLeakWorld({ leaks: { githubKeys: null, sources: [] } });
  for (const path of ['/leaks/github', '/leaks/scanner']) expect((await send(path, '[]', {})).status).toBe(404);
});
