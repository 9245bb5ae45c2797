import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { expressGuard, nodeGuard } from '../../src/verifier/middleware.ts';
import { openVerifier, type Verifier, type VerifierAnswer, type VerifierOptions } from '../../src/verifier/verifier.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { ROTATE_KEY } from '../support/operations.ts';
import { waitFor } from '../support/wait-for.ts';

const purpose = { action: 'package:push', resource: 'Acme.Core' };

/** A gateway, and a verifier whose own clocks go on with the gateway's. */
async function openVerifiedGateway(options: Partial<VerifierOptions> = {}) {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const scopes = ['keytide:follow', 'keytide:verify'].map((action) => ({ action, resource: '**' }));
  const own = await issue(gateway, admin, { name: 'the API', scopes });
  const nowMs = () => gateway.clock.now().getTime();
  const open = async (more: Partial<VerifierOptions> = {}) => {
    const clocks = { monotonicMs: nowMs, wallMs: nowMs };
    const verifier = openVerifier({ url: gateway.url, credential: () => own.secret, clocks, ...options, ...more });
    onTestFinished(() => verifier.close());
    await verifier.ready;
    return verifier;
  };
  return { gateway, admin, own, open };
}

/** Returns an answer that must have come from memory. */
function recall(verifier: Verifier, input: Parameters<Verifier['verify']>[0]): VerifierAnswer {
  const answer = verifier.verify(input);
  if (answer instanceof Promise) throw new Error('the verifier asked the gateway');
  return answer;
}

async function askGateway({ url }: Gateway, credential: string, input: object): Promise<Record<string, unknown>> {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` };
  const response = await fetch(`${url}/verify`, { method: 'POST', headers, body: JSON.stringify(input) });
  return (await response.json()) as Record<string, unknown>;
}

test('verifier: it answers as the gateway does, for a secret in every state; from memory what no change can lift', async () => {
  const { gateway, admin, own, open } = await openVerifiedGateway();
  const named: Record<string, { id: string; secret: string }> = {};
  const labels = [{ name: 'repo', value: 'core' }];
  for (const name of ['good', 'held', 'revoked', 'retired'])
    named[name] = await issue(gateway, admin, { name, labels });
  const expired = await issue(gateway, admin, { lifetime: 'P1D' });
  const verifier = await open();
  await mutate(gateway, admin, 'holdKey', { keyId: named['held']!.id, reason: 'test' });
  await mutate(gateway, admin, 'revokeKey', { keyId: named['revoked']!.id, reason: 'test' });
  await gateway.ask(ROTATE_KEY, { input: { keyId: named['retired']!.id, gracePeriod: 'PT0S' } }, admin);
  await gateway.travel(DAY_MS);
  const secrets = [...Object.values(named), expired].map(({ secret }) => secret);
  await waitFor(() => {
    expect(verifier.ageMs()).toBeLessThan(1_000);
    expect(recall(verifier, { secret: named['revoked']!.secret }).outcome).toBe('KEY_REVOKED');
  });
  const outcomes = new Set<string>();
  for (const secret of secrets) {
    for (const input of [
      { secret: `${secret}\n` },
      // From a caller without types.
      { secret, ...({ action: null, resource: null } as object) },
      { secret, ...purpose },
      { secret, ...purpose, resource: 'Other.Core' },
      { secret, ...purpose, action: 'no:such' },
    ]) {
      const given = verifier.verify(input);
      const { asOf, ...answer } = await given;
      expect([answer.outcome, given instanceof Promise]).toEqual([
        answer.outcome,
        answer.outcome !== 'VALID' && answer.outcome !== 'KEY_REVOKED',
      ]);
      const { asOf: _asOf, key, brownoutEndsAt = null, ...rest } = await askGateway(gateway, own.secret, input);
      expect({ ...answer, stopsAt: answer.stopsAt?.toISOString() ?? null }).toEqual({ ...rest, brownoutEndsAt, key });
      expect(asOf).not.toBeNull();
      outcomes.add(answer.outcome);
    }
  }
  expect([...outcomes].toSorted()).toEqual(
    ['ACTION_UNKNOWN', 'KEY_EXPIRED', 'KEY_HELD', 'KEY_REVOKED', 'SCOPE_MISSING', 'SECRET_RETIRED', 'VALID'].toSorted(),
  );
  expect(recall(verifier, { secret: 'password' }).outcome).toBe('KEY_UNKNOWN');
  expect(() => verifier.verify({ secret: 'password', action: 'package:push' })).toThrow(TypeError);
});

test('verifier: it asks the gateway about a secret that it does not know, and never says yes or no without knowing', async () => {
  const { gateway, admin, open } = await openVerifiedGateway();
  const revoked = await issue(gateway, admin);
  await mutate(gateway, admin, 'revokeKey', { keyId: revoked.id, reason: 'test' });
  const good = await issue(gateway, admin);
  const verifier = await open();
  const stranger = newSecret(systemRandom).reveal();
  // Ended keys are not in the snapshot.
  expect(await verifier.verify({ secret: revoked.secret })).toMatchObject({
    outcome: 'KEY_REVOKED',
    key: { id: revoked.id },
  });
  expect(await verifier.verify({ secret: stranger })).toMatchObject({ outcome: 'KEY_UNKNOWN', key: null });
  await gateway.stop();
  expect(recall(verifier, { secret: good.secret, ...purpose }).outcome).toBe('VALID');
  expect(await verifier.verify({ secret: stranger })).toMatchObject({ outcome: 'UNAVAILABLE', key: null, asOf: null });
  gateway.clock.advance(5_000);
  expect(recall(verifier, { secret: good.secret }).outcome).toBe('VALID');
  gateway.clock.advance(1);
  expect(await verifier.verify({ secret: good.secret })).toMatchObject({ outcome: 'UNAVAILABLE', key: null });
  // By its checksum it never was a secret; the realm may accept foreign ones by now.
  expect(recall(verifier, { secret: `${good.secret.slice(0, -1)}!` }).outcome).toBe('KEY_UNKNOWN');
  expect((await verifier.verify({ secret: 'password' })).outcome).toBe('UNAVAILABLE');
});

test('verifier: it answers for a foreign secret from memory where the realm accepts its form, and asks about one whose digest is never sent', async () => {
  const { gateway, open } = await openVerifiedGateway();
  const accept = async (foreignSecrets: object) => {
    const update = 'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename } }';
    const { data } = await gateway.ask(update, { input: { realm: 'default', foreignSecrets } }, await gateway.admin());
    expect(data['updateRealm'].__typename).toBe('UpdateRealmSuccess');
  };
  const importKeys = async (...keys: object[]) => {
    const imports =
      'mutation ($input: ImportKeysInput!) { importKeys(input: $input) { ... on ImportKeysSuccess { rows { keyId } refused { code } } } }';
    const { data } = await gateway.ask(imports, { input: { realm: 'default', keys } }, await gateway.admin());
    expect(data['importKeys'].refused).toEqual([]);
    return data['importKeys'].rows as readonly { readonly keyId: string }[];
  };
  const verifier = await open();
  const strong = `sk_live_${'0a'.repeat(16)}`;
  expect(recall(verifier, { secret: strong }).outcome).toBe('KEY_UNKNOWN');

  // What the realm accepts, and the keys, come by the log.
  await accept({ pattern: 'sk_live_[0-9a-f]{32}', randomBits: 128 });
  const pia = await gateway.person('pia');
  const row = (secret: string, more: object = {}) => {
    const digest = hash('sha256', secret, 'hex');
    const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
    return { digest, start: 'sk_live_', name: secret, scopes, owner: pia.id, ...more };
  };
  const later = `sk_live_${'0b'.repeat(16)}`;
  const notBefore = new Date(gateway.clock.now().getTime() + DAY_MS).toISOString();
  const [imported] = await importKeys(row(strong), row(later, { notBefore }));
  await waitFor(() => expect(recall(verifier, { secret: `${strong}\n`, ...purpose }).outcome).toBe('VALID'));
  expect(recall(verifier, { secret: strong }).key?.id).toBe(imported?.keyId);
  // It refuses none by itself, and accepts the key from its moment on.
  expect((await verifier.verify({ secret: later })).outcome).toBe('NOT_YET_VALID');
  gateway.clock.advance(DAY_MS);
  await waitFor(() => expect(recall(verifier, { secret: later }).outcome).toBe('VALID'));
  // A text of another form is none; one of this form may be a new key's.
  expect(recall(verifier, { secret: 'sk_test_1' }).outcome).toBe('KEY_UNKNOWN');
  const stranger = `sk_live_${'0c'.repeat(16)}`;
  expect(await verifier.verify({ secret: stranger })).toMatchObject({ outcome: 'KEY_UNKNOWN', key: null });
  expect(verifier.verify({ secret: stranger })).toBeInstanceOf(Promise);
  await mutate(gateway, await gateway.admin(), 'revokeKey', { keyId: imported?.keyId, reason: 'test' });
  await waitFor(() => expect(recall(verifier, { secret: strong }).outcome).toBe('KEY_REVOKED'));

  // A secret of few random bits is stored by a MAC, which no verifier gets.
  await accept({ pattern: 'sk_live_[0-9a-f]{24,32}', randomBits: 96 });
  const weak = `sk_live_${'0d'.repeat(12)}`;
  await importKeys(row(weak));
  await waitFor(async () => expect((await verifier.verify({ secret: weak })).outcome).toBe('VALID'));
  expect(verifier.verify({ secret: weak })).toBeInstanceOf(Promise);

  await accept({ pattern: '', randomBits: 128 });
  await waitFor(() => expect(recall(verifier, { secret: later }).outcome).toBe('KEY_UNKNOWN'));
});

test('verifier: a key that was resumed is not refused because the copy is behind', async () => {
  const { gateway, admin, open } = await openVerifiedGateway();
  const { id, secret } = await issue(gateway, admin);
  await mutate(gateway, admin, 'holdKey', { keyId: id, reason: 'test' });
  const verifier = await open();
  await mutate(gateway, admin, 'resumeKey', { keyId: id, reason: 'test' });
  expect((await verifier.verify({ secret })).outcome).toBe('VALID');
});

test('verifier: what is wrong with its credential or with an answer is UNAVAILABLE', async () => {
  const odd = createServer((_request, response) => response.end('null'));
  odd.listen(0, '127.0.0.1');
  await once(odd, 'listening');
  onTestFinished(() => void odd.close());
  const url = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`;
  const secret = newSecret(systemRandom).reveal();
  for (const credential of [() => 'kt_x', () => new Promise<string>(() => undefined)]) {
    const verifier = openVerifier({ url, credential, askLimitMs: 100 });
    expect((await verifier.verify({ secret })).outcome).toBe('UNAVAILABLE');
    await verifier.close();
  }
});

test('verifier: it counts what it answers from memory by consumer, and reports the first use at once', async () => {
  const { gateway, admin, open } = await openVerifiedGateway();
  const { id, secret } = await issue(gateway, admin);
  const labelled = await issue(gateway, admin, { labels: [{ name: 'ci/consumer', value: 'of the key' }] });
  const failures: unknown[] = [];
  const verifier = await open({ onFailure: (error) => void failures.push(error) });
  const uses = async (keyId = id) => {
    const rows = await gateway.prisma.use.findMany({ where: { secret: { keyId } }, orderBy: { consumer: 'asc' } });
    return rows.map(({ consumer, useCount }) => [consumer, Number(useCount)]);
  };
  const verify = (consumer?: string) => recall(verifier, { secret, ...purpose, ...(consumer && { consumer }) }).outcome;
  for (const consumer of ['ci', 'laptop', 'ci', undefined]) expect(verify(consumer)).toBe('VALID');
  expect(recall(verifier, { secret: labelled.secret }).outcome).toBe('VALID');
  // The gateway counts what it is asked.
  await verifier.verify({ secret, ...purpose, resource: 'Other.Core', consumer: 'refused' });
  const first = [
    ['', 1],
    ['ci', 2],
    ['laptop', 1],
  ];
  await waitFor(async () => expect(await uses()).toEqual(first));
  expect(await uses(labelled.id)).toEqual([['of the key', 1]]);
  expect(verify('ci')).toBe('VALID');
  gateway.clock.advance(1);
  await mutate(gateway, admin, 'revokeKey', { keyId: id, reason: 'test' });
  let ciCount = 3;
  await waitFor(() => {
    const outcome = verify('ci');
    if (outcome === 'VALID') ciCount += 1; // the verifier has not heard of the revocation
    expect(outcome).toBe('KEY_REVOKED');
  });
  await verifier.close(); // reports the rest
  expect(await uses()).toEqual(first.map(([consumer, count]) => [consumer, consumer === 'ci' ? ciCount : count]));
  await gateway.services.uses.flush();
  const refusals = await gateway.prisma.refusal.findMany({ where: { keyId: id }, orderBy: { outcome: 'asc' } });
  expect(refusals).toMatchObject([
    { outcome: 'KEY_REVOKED', consumer: 'ci', count: 1n },
    { outcome: 'SCOPE_MISSING', consumer: 'refused', count: 1n },
  ]);
  expect(failures).toEqual([]);
});

test('verifier: without its gateway it accepts a key until the exact moment of its end, whatever the bound, and refuses none', async () => {
  const { gateway, admin, open } = await openVerifiedGateway({ maxAgeMs: 15 * 60_000 });
  const { secret } = await issue(gateway, admin, { lifetime: 'P1D' });
  gateway.clock.advance(DAY_MS - 60_000);
  await gateway.services.follower.catchUp();
  const verifier = await open();
  await gateway.stop();
  gateway.clock.advance(59_999);
  expect(recall(verifier, { secret }).outcome).toBe('VALID');
  gateway.clock.advance(1);
  expect((await verifier.verify({ secret })).outcome).toBe('UNAVAILABLE');
});

test('verifier: it follows again after its connections were cut, and misses nothing', async () => {
  const { gateway, admin, open } = await openVerifiedGateway();
  const sockets = new Set<Socket>();
  let isUp = true;
  const relay = createTcpServer((socket) => {
    if (!isUp) return void socket.destroy();
    const far = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    for (const one of [socket, far]) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => [socket, far].forEach((other) => other.destroy()));
    }
    socket.pipe(far).pipe(socket);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  onTestFinished(() => void relay.close());
  const failures: unknown[] = [];
  const url = `http://127.0.0.1:${(relay.address() as AddressInfo).port}`;
  const verifier = await open({ url, onFailure: (error) => void failures.push(error) });
  const held = await issue(gateway, admin);
  await waitFor(() => expect(recall(verifier, { secret: held.secret }).outcome).toBe('VALID'));
  isUp = false;
  for (const socket of sockets) socket.destroy();
  await mutate(gateway, admin, 'holdKey', { keyId: held.id, reason: 'test' });
  const fresh = await issue(gateway, admin);
  await waitFor(() => expect(failures.length).toBeGreaterThan(0));
  expect(recall(verifier, { secret: held.secret }).outcome).toBe('VALID'); // as of a moment within the bound
  isUp = true;
  await waitFor(async () => {
    expect((await verifier.verify({ secret: held.secret })).outcome).toBe('KEY_HELD');
    expect(recall(verifier, { secret: fresh.secret }).outcome).toBe('VALID');
  });
});

test('verifier: a text is refused by its form only while the copy is recent, because the realm may accept the form since', async () => {
  const { gateway, open } = await openVerifiedGateway();
  const verifier = await open();
  const foreign = `sk_live_${'0a'.repeat(16)}`;
  await waitFor(() => expect(verifier.ageMs()).toBe(0));
  await gateway.stop();
  gateway.clock.advance(2_000);
  expect(recall(verifier, { secret: foreign }).outcome).toBe('KEY_UNKNOWN');
  gateway.clock.advance(1);
  // It no longer answers from memory, and the gateway does not answer.
  expect((await verifier.verify({ secret: foreign })).outcome).toBe('UNAVAILABLE');
  expect(recall(verifier, { secret: 'ktp_never' }).outcome).toBe('KEY_UNKNOWN');
});

test('verifier: it refuses bounds that are out of bounds', () => {
  for (const maxAgeMs of [0, 999, 900_001, Number.NaN]) {
    expect(() => openVerifier({ url: 'http://127.0.0.1:1', credential: () => '', maxAgeMs })).toThrow(RangeError);
  }
  for (const capacity of [0, 1.5, 20_000_000, Number.NaN]) {
    expect(() => openVerifier({ url: 'http://127.0.0.1:1', credential: () => '', capacity })).toThrow(RangeError);
  }
});

test('verifier: middleware serves a good key, and refuses all others with the status of the reason', async () => {
  const { gateway, admin, own, open } = await openVerifiedGateway();
  const good = await issue(gateway, admin);
  const held = await issue(gateway, admin);
  await mutate(gateway, admin, 'holdKey', { keyId: held.id, reason: 'test' });
  const verifier = await open();
  const readPurpose = ({ url = '' }: IncomingMessage) => ({ action: url.slice(1), resource: 'Acme.Core' });
  const node = nodeGuard(verifier, readPurpose);
  const express = expressGuard<IncomingMessage>(verifier, readPurpose);
  const servers = [
    createServer(async (request, response) => {
      const key = await node(request, response);
      if (key !== null) response.end(key.id);
    }),
    createServer((request: IncomingMessage & { keytide?: VerifierAnswer }, response) => {
      express(request, response, () => response.end(request.keytide?.key?.id));
    }),
  ];
  const cases: [string | null, string, number, string | null][] = [
    [null, 'package:push', 401, 'Bearer'],
    ['Basic x', 'package:push', 401, 'Bearer'],
    [`Bearer ${good.secret}`, 'package:push', 200, null],
    [`Bearer ${newSecret(systemRandom).reveal()}`, 'package:push', 401, 'Bearer error="invalid_token"'],
    [`Bearer ${held.secret}`, 'package:push', 403, null],
    [`Bearer ${own.secret}`, 'package:push', 403, 'Bearer error="insufficient_scope"'],
    [`Bearer ${good.secret}`, 'no:such', 500, null],
  ];
  const ask = async (server: Server, authorization: string | null, path: string) => {
    const headers: Record<string, string> = authorization === null ? {} : { Authorization: authorization };
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`, { headers });
    return [response.status, response.headers.get('www-authenticate'), await response.text()] as const;
  };
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    for (const [authorization, path, status, challenge] of cases) {
      const [found, header, text] = await ask(server, authorization, path);
      expect([authorization, found, header]).toEqual([authorization, status, challenge]);
      if (status === 200) expect(text).toBe(good.id);
      else expect(JSON.parse(text)).toMatchObject({ status });
    }
  }
  await gateway.stop();
  gateway.clock.advance(60_000);
  expect((await ask(servers[0]!, `Bearer ${good.secret}`, 'package:push'))[0]).toBe(503);
});
