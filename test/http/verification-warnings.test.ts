import { expect, onTestFinished, test } from 'vitest';
import { toStoredWarning } from '../../src/domain/verification-warning.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { holdsAnnounced, writeAnnounced, type AnnouncedChanges } from '../../src/keys/write-warnings.ts';
import { change } from '../../src/log/change.ts';
import { nodeGuard } from '../../src/verifier/middleware.ts';
import { formatWarnings, openVerifier } from '../../src/verifier/verifier.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { waitFor } from '../support/wait-for.ts';

const FORM = 'application/x-www-form-urlencoded';

/** A gateway with a key of a verifier, and one with what a rollout announces on it. */
async function openWarnedGateway() {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const scopes = ['keytide:verify', 'keytide:follow'].map((action) => ({ action, resource: '**' }));
  const verifier = await issue(gateway, admin, { name: 'the API', scopes });
  const key = await issue(gateway, admin);
  const now = gateway.clock.now();
  const announced: AnnouncedChanges = {
    warnings: [toStoredWarning('WILL_STOP', addMs(now, 40 * DAY_MS))],
    brownouts: [
      {
        rolloutId: 'rollout_1',
        from: addMs(now, MINUTE_MS).getTime(),
        to: addMs(now, 16 * MINUTE_MS).getTime(),
        consumers: ['ci'],
      },
    ],
  };
  await announce(gateway, key.id, announced);
  return { gateway, admin, verifier, key, announced, ...requestsOf(gateway, verifier.secret, key.secret) };
}

async function announce({ services }: Gateway, keyId: string, announced: AnnouncedChanges): Promise<void> {
  await change(services, (change) => writeAnnounced(change, new Map([[keyId, announced]])));
}

/** Each way in which a verifier can ask about the secret. */
function requestsOf(gateway: Gateway, verifier: string, secret: string) {
  const post = async (path: string, type: string, body: string, credential: string | null) => {
    const headers = { 'Content-Type': type, ...(credential !== null && { Authorization: `Bearer ${credential}` }) };
    const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body });
    return (await response.json()) as Record<string, unknown>;
  };
  return {
    verify: () => post('/verify', 'application/json', JSON.stringify({ secret, consumer: 'ci' }), verifier),
    introspect: () => post('/introspect', FORM, String(new URLSearchParams({ token: secret })), verifier),
    signed: () => {
      const subject = { subject_token: secret, subject_token_type: 'urn:keytide:params:oauth:token-type:key' };
      const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', audience: 'https://api.test' };
      return post('/token', FORM, String(new URLSearchParams({ ...grant, ...subject })), null);
    },
    auth: async () => {
      const headers = { Authorization: `Bearer ${secret}`, 'X-Keytide-Verifier': verifier };
      return fetch(`${gateway.url}/auth/default`, { headers });
    },
    graphql: async () => {
      const query = `mutation($input: VerifyKeyInput!) {
        verifyKey(input: $input) { outcome warnings { code message from } brownoutEndsAt }
      }`;
      return (await gateway.ask(query, { input: { secret, consumer: 'ci' } }, verifier)).data['verifyKey'];
    },
  };
}

test('warnings: every verification of a warned key has them, and a header has the code and the date alone', async () => {
  const { gateway, announced, verify, introspect, signed, auth, graphql, key } = await openWarnedGateway();
  await gateway.prisma.realm.updateMany({ data: { signedTokens: true } });
  const day = new Date(announced.warnings[0]!.from);
  const warnings = [
    { code: 'WILL_STOP', message: expect.stringContaining(day.toISOString().slice(0, 10)), from: day.toISOString() },
  ];
  expect(await verify()).toMatchObject({ outcome: 'VALID', warnings });
  expect(await graphql()).toEqual({ outcome: 'VALID', warnings, brownoutEndsAt: null });
  expect(await introspect()).toMatchObject({ active: true, warnings });
  expect(await signed()).toMatchObject({ token_type: 'Bearer', warnings });
  const response = await auth();
  expect([response.status, response.headers.get('x-keytide-warning')]).toEqual([
    204,
    `WILL_STOP;from="${day.toISOString().slice(0, 10)}"`,
  ]);
  const own = await gateway.ask('{ viewer { ... on Key { warnings { code from } } } }', {}, key.secret);
  expect(own.data['viewer']).toEqual({ warnings: [{ code: 'WILL_STOP', from: day.toISOString() }] });

  await announce(gateway, key.id, { warnings: [], brownouts: [] });
  const row = await gateway.prisma.key.findUniqueOrThrow({ where: { id: key.id } });
  expect(row).toMatchObject({ warnings: null, brownouts: null });
  expect(await verify()).toMatchObject({ outcome: 'VALID', warnings: [] });
  expect(await introspect()).not.toHaveProperty('warnings');
  expect(await signed()).not.toHaveProperty('warnings');
  expect((await auth()).headers.has('x-keytide-warning')).toBe(false);
});

test('warnings: a refusal has none', async () => {
  const { gateway, admin, key, verify, auth } = await openWarnedGateway();
  await mutate(gateway, admin, 'holdKey', { keyId: key.id, reason: 'test' });
  expect(await verify()).toMatchObject({ outcome: 'KEY_HELD', warnings: [] });
  expect((await auth()).headers.has('x-keytide-warning')).toBe(false);
});

test('brownout: verifiers refuse the key within the window, and say until when; at the gateway itself it can be renewed', async () => {
  const { gateway, key, announced, verify, introspect, signed, auth, graphql } = await openWarnedGateway();
  await gateway.prisma.realm.updateMany({ data: { signedTokens: true } });
  const [{ from, to } = { from: 0, to: 0 }] = announced.brownouts;
  const endsAt = new Date(to).toISOString();
  expect(await verify()).toMatchObject({ outcome: 'VALID' });
  // No rollout is behind the brownout: a review would take it off the key.
  await gateway.prisma.key.updateMany({ data: { reviewAt: new Date(to + 1) } });
  gateway.clock.advance(from - gateway.clock.now().getTime());
  expect(await verify()).toMatchObject({
    outcome: 'BROWNOUT',
    brownoutEndsAt: endsAt,
    warnings: [],
    message: expect.stringContaining(endsAt),
  });
  expect(await graphql()).toEqual({ outcome: 'BROWNOUT', warnings: [], brownoutEndsAt: endsAt });
  expect(await introspect()).toEqual({ active: false });
  expect(await signed()).toMatchObject({
    error: 'invalid_request',
    error_description: expect.stringContaining(endsAt),
  });
  const response = await auth();
  expect([response.status, response.headers.get('retry-after')]).toEqual([403, new Date(to).toUTCString()]);
  const renewed = await gateway.ask(
    'mutation { renewKey(input: {}) { __typename ... on UserError { code } } }',
    {},
    key.secret,
  );
  expect(renewed.data['renewKey'].__typename).not.toBe('UNAUTHENTICATED');
  await gateway.services.uses.flush();
  const refusals = await gateway.prisma.refusal.findMany({ where: { keyId: key.id } });
  expect(refusals.map(({ outcome }) => outcome)).toContain('BROWNOUT');
  gateway.clock.advance(to - gateway.clock.now().getTime());
  expect(await verify()).toMatchObject({ outcome: 'VALID' });
});

test('brownout: a follower refuses by the gateway, a follower of an earlier release gets no secret of the key', async () => {
  const { gateway, verifier, key, announced } = await openWarnedGateway();
  const read = async (query: string) => {
    const headers = { Authorization: `Bearer ${verifier.secret}` };
    const lines = (await (await fetch(`${gateway.url}/snapshot${query}`, { headers })).text()).trim().split('\n');
    return lines.flatMap((line) => JSON.parse(line).key ?? []).find(({ id }) => id === key.id);
  };
  const [{ from, to } = { from: 0, to: 0 }] = announced.brownouts;
  expect(await read('?evaluates=restrictions')).toMatchObject({ secrets: [] });
  expect(await read('?evaluates=brownouts')).toMatchObject({
    warnings: announced.warnings,
    brownouts: [{ from, to }],
    secrets: [{ generation: 1 }],
  });

  const library = openVerifier({ url: gateway.url, credential: () => verifier.secret });
  onTestFinished(() => library.close());
  await library.ready;
  const { secret } = key;
  const answer = library.verify({ secret });
  if (answer instanceof Promise) throw new Error('asked the gateway');
  expect(answer).toMatchObject({ outcome: 'VALID', warnings: [{ code: 'WILL_STOP' }], brownoutEndsAt: null });
  expect(formatWarnings(answer.warnings)).toMatch(/^WILL_STOP;from="\d{4}-\d\d-\d\d"$/);
  gateway.clock.advance(from - gateway.clock.now().getTime());
  await waitFor(async () =>
    expect(await library.verify({ secret, consumer: 'ci' })).toMatchObject({ outcome: 'BROWNOUT' }),
  );
  expect(await library.verify({ secret })).toMatchObject({ brownoutEndsAt: new Date(to), warnings: [] });
  const sent: unknown[] = [];
  const response = { writeHead: (...head: unknown[]) => void sent.push(...head), end: () => undefined };
  const request = { headers: { authorization: `Bearer ${secret}` }, socket: {} };
  expect(await nodeGuard(library)(request as never, response as never)).toBeNull();
  expect(sent).toMatchObject([403, { 'Retry-After': new Date(to).toUTCString() }]);
});

test('warnings: what a key has is compared whatever the order of its columns is', async () => {
  const { gateway, key, announced } = await openWarnedGateway();
  const row = await gateway.prisma.key.findUniqueOrThrow({ where: { id: key.id } });
  expect(holdsAnnounced(row, announced)).toBe(true);
  expect(holdsAnnounced(row, { ...announced, warnings: [] })).toBe(false);
  expect(holdsAnnounced(row, { ...announced, brownouts: [] })).toBe(false);
  expect(holdsAnnounced({ warnings: null, brownouts: null }, { warnings: [], brownouts: [] })).toBe(true);
  const { data } = await gateway.ask(VERIFY_KEY, { input: { secret: key.secret } }, await gateway.admin());
  expect(data['verifyKey'].outcome).toBe('VALID');
});
