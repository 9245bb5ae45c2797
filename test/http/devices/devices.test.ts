import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/duration.ts';
import {
  requestCodes,
  confirmByMutation,
  submitDecision,
  pollToken,
  postForm,
  openDecisionPage,
} from '../../support/device-world.ts';
import { ADMIN } from '../../support/first-node.ts';
import { openGateway, type Gateway } from '../../support/gateway.ts';

const viewer = async (gateway: Gateway, token: string) => {
  const { data, errors } = await gateway.ask('{ viewer { ... on Account { email } } }', {}, token);
  return data?.['viewer'] ?? errors?.[0]?.extensions['outcome'];
};

const error = (json: any): string => json.error;

test('device: it is signed in as the account that confirms it by mutation, once, and can sign out', async () => {
  const gateway = await openGateway();
  const pia = await gateway.person('pia');
  const codes = await requestCodes(gateway);
  expect(codes).toMatchObject({ verification_uri: 'https://keytide.test/device', expires_in: 600, interval: 5 });
  expect(codes.user_code).toMatch(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
  expect((await pollToken(gateway, codes)).json).toMatchObject({ error: 'authorization_pending' });

  const typed = codes.user_code.toLowerCase().replace('-', ' ');
  const askedAt = gateway.clock.now().toISOString();
  expect(await confirmByMutation(gateway, pia.token, typed)).toMatchObject({
    deviceName: 'laptop',
    address: '127.0.0.1',
    askedAt,
  });
  gateway.clock.advance(5 * SECOND_MS);
  const { status, json, headers } = await pollToken(gateway, codes);
  expect([status, json.token_type, json.expires_in]).toEqual([200, 'Bearer', 12 * 3600 - 5]);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(await viewer(gateway, json.access_token)).toEqual({ email: 'pia@example.com' });

  const again = await pollToken(gateway, codes);
  expect([again.status, again.json.error]).toEqual([400, 'invalid_grant']);
  expect((await gateway.ask('mutation { signOut }', {}, json.access_token)).data).toEqual({ signOut: true });
  expect(await viewer(gateway, json.access_token)).toBe('SESSION_ENDED');
  // The session that confirmed is another one.
  expect(await viewer(gateway, pia.token)).toEqual({ email: 'pia@example.com' });

  const events = await gateway.prisma.event.findMany({ where: { ownerId: pia.id }, orderBy: { position: 'desc' } });
  expect(events.slice(0, 2)).toMatchObject([
    { type: 'ACCOUNT_SIGNED_OUT' },
    { type: 'ACCOUNT_SIGNED_IN', actorId: pia.id, data: { deviceName: 'laptop' } },
  ]);
});

test('device: a person signs in on the page, sees the device, and confirms it', async () => {
  const gateway = await openGateway();
  const name = `<b>"Anna's" laptop</b>`;
  const codes = await requestCodes(gateway, name);
  const first = await fetch(`${gateway.url}/device`);
  expect(first.status).toBe(200);
  expect(first.headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(await first.text()).not.toContain('<script');
  gateway.clock.advance(2 * MINUTE_MS);
  const shown = await openDecisionPage(gateway, codes.user_code);
  for (const part of [
    'keytide',
    '&lt;b&gt;&quot;Anna&#39;s&quot; laptop',
    '127.0.0.1',
    '2 minutes ago',
    'Administrator',
    'everything that you can do, for 12 hours',
  ]) {
    expect(shown.text).toContain(part);
  }
  expect(shown.text).not.toContain('<b>');
  // To be shown is not to be confirmed.
  expect(error((await pollToken(gateway, codes)).json)).toBe('authorization_pending');
  expect((await submitDecision(gateway, shown.proof, 'confirm')).text).toContain('is signed in as you');
  const { json } = await pollToken(gateway, codes);
  expect(await viewer(gateway, json.access_token)).toEqual({ email: ADMIN.email });
  // The proof has done its work.
  expect((await submitDecision(gateway, shown.proof, 'confirm')).status).toBe(400);
  expect(await gateway.prisma.session.count({ where: { createdAt: gateway.clock.now() } })).toBe(1);
});

test('device: a refusal is final, sent to the device and recorded', async () => {
  const gateway = await openGateway();
  const codes = await requestCodes(gateway);
  const { proof } = await openDecisionPage(gateway, codes.user_code);
  expect((await submitDecision(gateway, proof, 'refuse')).text).toContain('was refused');
  for (let time = 0; time < 2; time += 1) expect(error((await pollToken(gateway, codes)).json)).toBe('access_denied');
  expect(await confirmByMutation(gateway, await gateway.admin(), codes.user_code)).toMatchObject({
    code: 'DEVICE_NOT_FOUND',
  });
  expect(await gateway.prisma.event.findMany({ where: { type: 'DEVICE_REFUSED' } })).toMatchObject([
    { actorKind: 'ACCOUNT', data: { deviceName: 'laptop' } },
  ]);
});

test('device: an account can query a pending device, and refuse it for good by mutation', async () => {
  const gateway = await openGateway();
  const pia = await gateway.person('pia');
  const codes = await requestCodes(gateway, 'a laptop of nobody here');
  const askedAt = gateway.clock.now().toISOString();
  gateway.clock.advance(MINUTE_MS);
  const shown = { program: 'keytide', deviceName: 'a laptop of nobody here', address: '127.0.0.1', askedAt };
  const look =
    'query ($code: String!) { waitingDevice(userCode: $code) { program deviceName address askedAt expiresAt } }';
  const waiting = async (token: string | null) => {
    const { data, errors } = await gateway.ask(look, { code: codes.user_code.toLowerCase() }, token);
    return errors?.[0]?.extensions['code'] ?? data['waitingDevice'];
  };
  const expiresAt = new Date(Date.parse(askedAt) + 10 * MINUTE_MS).toISOString();
  expect(await waiting(pia.token)).toEqual({ ...shown, expiresAt });
  expect(await waiting(null)).toBe('UNAUTHENTICATED');
  expect(error((await pollToken(gateway, codes)).json)).toBe('authorization_pending');

  const refuse = `mutation ($input: RefuseDeviceInput!) { refuseDevice(input: $input) {
    __typename ... on RefuseDeviceSuccess { program deviceName address askedAt }
  } }`;
  const refused = async () =>
    (await gateway.ask(refuse, { input: { userCode: codes.user_code } }, pia.token)).data['refuseDevice'];
  expect(await refused()).toEqual({ __typename: 'RefuseDeviceSuccess', ...shown });
  expect(error((await pollToken(gateway, codes)).json)).toBe('access_denied');
  expect(await refused()).toEqual({ __typename: 'DeviceNotFound' });
  expect(await confirmByMutation(gateway, pia.token, codes.user_code)).toMatchObject({ code: 'DEVICE_NOT_FOUND' });
  expect(await waiting(pia.token)).toBeNull();
  expect(await gateway.prisma.event.findMany({ where: { type: 'DEVICE_REFUSED' } })).toMatchObject([
    { actorId: pia.id, ownerId: pia.id, data: { deviceName: 'a laptop of nobody here' } },
  ]);
});

test('device: a session cannot be extended by confirming devices; a sign-in with the password starts a full one', async () => {
  const gateway = await openGateway();
  const { token } = await gateway.person('pia');
  gateway.clock.advance(11 * HOUR_MS);
  const first = await requestCodes(gateway);
  const end = new Date(gateway.clock.now().getTime() + HOUR_MS).toISOString();
  expect(await confirmByMutation(gateway, token, first.user_code)).toMatchObject({ expiresAt: end });
  const { json } = await pollToken(gateway, first);
  expect(json.expires_in).toBe(3600);
  gateway.clock.advance(HOUR_MS - SECOND_MS);
  const second = await requestCodes(gateway);
  await confirmByMutation(gateway, json.access_token, second.user_code);
  const last = (await pollToken(gateway, second)).json;
  expect([last.expires_in, await viewer(gateway, last.access_token)]).toEqual([1, { email: 'pia@example.com' }]);
  gateway.clock.advance(SECOND_MS);
  for (const one of [token, json.access_token, last.access_token]) expect(await viewer(gateway, one)).toBe('UNKNOWN');

  const third = await requestCodes(gateway);
  const { proof } = await openDecisionPage(gateway, third.user_code);
  await submitDecision(gateway, proof, 'confirm');
  expect((await pollToken(gateway, third)).json.expires_in).toBe(12 * 3600);
});

test('device: each poll that comes too soon adds 5 seconds to the interval, on every node', async () => {
  const gateway = await openGateway();
  const other = await openGateway({ database: gateway.database, clock: gateway.clock });
  const codes = await requestCodes(gateway);
  const polled: string[] = [];
  const pollAfter = async (seconds: number, node: Gateway) => {
    gateway.clock.advance(seconds * SECOND_MS);
    polled.push(error((await pollToken(node, codes)).json));
  };
  await pollAfter(0, gateway);
  await pollAfter(4, other); // the interval is 10 s from now on
  await pollAfter(9, gateway); // 15 s
  await pollAfter(15, other);
  await pollAfter(15, gateway);
  const [pending, slow] = ['authorization_pending', 'slow_down'];
  expect(polled).toEqual([pending, slow, slow, pending, pending]);
});

test('device: a code expires after 10 minutes, confirmed or not, and its row is deleted within a day', async () => {
  const gateway = await openGateway();
  const [late, unfetched] = [await requestCodes(gateway), await requestCodes(gateway)];
  await confirmByMutation(gateway, await gateway.admin(), unfetched.user_code);
  const { proof } = await openDecisionPage(gateway, late.user_code);
  gateway.clock.advance(10 * MINUTE_MS);
  for (const codes of [late, unfetched]) expect(error((await pollToken(gateway, codes)).json)).toBe('expired_token');
  expect((await submitDecision(gateway, proof, 'confirm')).status).toBe(400);
  expect(await confirmByMutation(gateway, await gateway.admin(), late.user_code)).toMatchObject({
    code: 'DEVICE_NOT_FOUND',
  });
  gateway.clock.advance(DAY_MS + 2 * HOUR_MS);
  await expect.poll(() => gateway.prisma.device.count()).toBe(0);
});

test('device: of concurrent polls on two nodes, only one gets the token', async () => {
  const gateway = await openGateway();
  const other = await openGateway({ database: gateway.database, clock: gateway.clock });
  const codes = await requestCodes(gateway);
  await confirmByMutation(other, await gateway.admin(), codes.user_code);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => pollToken(index % 2 ? other : gateway, codes)),
  );
  const given = answers.filter(({ status }) => status === 200);
  expect(given).toHaveLength(1);
  expect(answers.filter(({ json }) => json.error === 'invalid_grant')).toHaveLength(9);
  expect(await viewer(other, given[0]!.json.access_token)).toEqual({ email: ADMIN.email });
});

test('device: of two concurrent confirmations only one succeeds', async () => {
  const gateway = await openGateway();
  const [pia, uwe] = [await gateway.person('pia'), await gateway.person('uwe')];
  const { user_code } = await requestCodes(gateway);
  const answers = await Promise.all([pia, uwe].map(({ token }) => confirmByMutation(gateway, token, user_code)));
  expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['ConfirmDeviceSuccess', 'DeviceNotFound']);
});

test('device: ending all sessions of an account also ends a session whose token was not fetched yet', async () => {
  const gateway = await openGateway();
  const { id, token } = await gateway.person('pia');
  const [codes, shownCodes] = [await requestCodes(gateway), await requestCodes(gateway)];
  await confirmByMutation(gateway, token, codes.user_code);
  const person = { email: 'pia@example.com', password: 'the password of pia' };
  const { proof } = await openDecisionPage(gateway, shownCodes.user_code, person);
  const input = { currentPassword: person.password, newPassword: 'another password of pia' };
  const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }';
  await gateway.ask(change, { input }, await gateway.session(id));
  expect(error((await pollToken(gateway, codes)).json)).toBe('access_denied');
  // Nor does a proof outlive the password that made it, nor a session that has ended confirm.
  expect((await submitDecision(gateway, proof, 'confirm')).status).toBe(400);
  expect(await confirmByMutation(gateway, token, shownCodes.user_code)).toBe('UNAUTHENTICATED');
  expect(error((await pollToken(gateway, shownCodes)).json)).toBe('authorization_pending');
});

test('device: the database has neither code, and the user code cannot be brute-forced from it', async () => {
  const gateway = await openGateway();
  const { device_code, user_code } = await requestCodes(gateway);
  const [row] = await gateway.prisma.device.findMany();
  const text = JSON.stringify({ row, logged: gateway.logged });
  for (const part of [device_code, user_code, user_code.replace('-', '')]) expect(text).not.toContain(part);
  const { createHash } = await import('node:crypto');
  const plain = createHash('sha256').update(user_code.replace('-', '')).digest();
  expect(Buffer.from(row!.userDigest).equals(plain)).toBe(false);
});

test('device: a user code that is in use is drawn again', async () => {
  const drawn: Uint8Array[] = [];
  let isFixed = false;
  const gateway = await openGateway({
    random: (size) => {
      const bytes = crypto.getRandomValues(new Uint8Array(size));
      if (isFixed && size === 8 && drawn.length < 2) drawn.push(bytes.fill(1));
      return bytes;
    },
  });
  isFixed = true;
  const first = await requestCodes(gateway);
  const second = await requestCodes(gateway);
  expect(drawn).toHaveLength(2);
  expect(first.user_code).toBe('CCCC-CCCC');
  expect(second.user_code).not.toBe('CCCC-CCCC');
});

test('device: malformed requests get OAuth errors', async () => {
  const gateway = await openGateway();
  const codes = await requestCodes(gateway);
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const refused: [string, Record<string, string> | string, string][] = [
    ['/device/code', {}, 'invalid_request'],
    ['/device/code', { client_id: 'x'.repeat(101) }, 'invalid_request'],
    ['/device/code', { client_id: 'keytide', device_name: 'a\u0000b' }, 'invalid_request'],
    ['/device/code', 'client_id=a&client_id=b', 'invalid_request'],
    ['/device/token', { grant_type, client_id: 'keytide' }, 'invalid_request'],
    ['/device/token', { client_id: 'keytide', device_code: 'x' }, 'invalid_request'],
    ['/device/token', { grant_type: 'password', client_id: 'keytide', device_code: 'x' }, 'unsupported_grant_type'],
    ['/device/token', { grant_type, client_id: 'keytide', device_code: 'x' }, 'invalid_grant'],
    ['/device/token', { grant_type, client_id: 'other', device_code: codes.device_code }, 'invalid_grant'],
  ];
  for (const [path, fields, code] of refused) {
    const { status, json } = await postForm(gateway, path, fields);
    expect([path, fields, status, json.error]).toEqual([path, fields, 400, code]);
  }
  const json = await postForm(gateway, '/device/code', '{}', { 'Content-Type': 'application/json' });
  expect([json.status, json.json.error]).toEqual([400, 'invalid_request']);
  const large = await postForm(gateway, '/device/code', { client_id: 'x'.repeat(10_000) });
  expect([large.status, large.json.error]).toEqual([413, 'invalid_request']);
  expect((await fetch(`${gateway.url}/device/token`)).status).toBe(405);
});
