import { expect, test } from 'vitest';
import { rateLimits } from '../../../src/accounts/rate-limits.ts';
import {
  requestCodes,
  confirmByMutation,
  submitDecision,
  pollToken,
  postForm,
  openDecisionPage,
} from '../../support/device-world.ts';
import { ADMIN } from '../../support/first-node.ts';
import { openGateway } from '../../support/gateway.ts';

test('device: after 10 wrong codes an account is rate limited, and a correct code does not reset the count', async () => {
  const gateway = await openGateway();
  const { token } = await gateway.person('pia');
  const { limit, windowMs } = rateLimits.userCodeByAccount;
  for (let count = 0; count < limit; count += 1) {
    expect(await confirmByMutation(gateway, token, 'BBBB-BBBB')).toMatchObject({ code: 'DEVICE_NOT_FOUND' });
    if (count < 3) {
      const own = await requestCodes(gateway);
      expect(await confirmByMutation(gateway, token, own.user_code)).toMatchObject({
        __typename: 'ConfirmDeviceSuccess',
      });
    }
  }
  const { user_code } = await requestCodes(gateway);
  expect(await confirmByMutation(gateway, token, user_code)).toBe('RATE_LIMITED');
  const page = await openDecisionPage(gateway, user_code, {
    email: 'pia@example.com',
    password: 'the password of pia',
  });
  expect([page.status, page.headers.get('retry-after')]).toEqual([429, String(windowMs / 1000)]);
  // Another account is not in the way of it.
  expect(await confirmByMutation(gateway, await gateway.admin(), user_code)).toMatchObject({ deviceName: 'laptop' });
});

test('device: a wrong code counts as one guess in every operation', async () => {
  const gateway = await openGateway();
  const { token } = await gateway.person('pia');
  const guesses = [
    'query { waitingDevice(userCode: "BBBB-BBBB") { deviceName } }',
    'mutation { refuseDevice(input: { userCode: "BBBB-BBBB" }) { __typename } }',
  ];
  const guess = async (query: string) => (await gateway.ask(query, {}, token)).errors?.[0]?.extensions['code'];
  for (let count = 0; count < rateLimits.userCodeByAccount.limit; count += 1) {
    expect(await guess(guesses[count % 2]!)).toBeUndefined();
  }
  for (const query of guesses) expect(await guess(query)).toBe('RATE_LIMITED');
  expect(await confirmByMutation(gateway, token, 'BBBB-BBBB')).toBe('RATE_LIMITED');
});

test('device: the page shares the rate limits of signIn, and reveals nothing about a code without a sign-in', async () => {
  const gateway = await openGateway();
  const { user_code } = await requestCodes(gateway);
  const wrong = { email: ADMIN.email, password: 'a wrong password' };
  const [known, unknown] = [
    await openDecisionPage(gateway, user_code, wrong),
    await openDecisionPage(gateway, 'BBBB-BBBB', wrong),
  ];
  expect(known.text.replaceAll(user_code, 'BBBB-BBBB')).toBe(unknown.text);
  expect([known.status, known.proof]).toEqual([400, '']);
  for (let count = 2; count < rateLimits.signInByAccountAndAddress.limit; count += 1)
    await openDecisionPage(gateway, user_code, wrong);
  const { status, text } = await openDecisionPage(gateway, user_code);
  expect(status).toBe(429);
  expect(text).toContain('Too many attempts to sign in. Try again in 900 seconds.');
  expect(text).not.toContain(ADMIN.password);
});

test('device: too many requests from one address are rate limited', async () => {
  const gateway = await openGateway();
  for (let count = 0; count < rateLimits.deviceByAddress.limit; count += 1) await requestCodes(gateway);
  const { status, json, headers } = await postForm(gateway, '/device/code', { client_id: 'keytide' });
  expect([status, json.error, headers.get('retry-after')]).toEqual([429, 'temporarily_unavailable', '300']);
});

test('device: a cross-site form is refused', async () => {
  const gateway = await openGateway();
  const codes = await requestCodes(gateway);
  const { proof } = await openDecisionPage(gateway, codes.user_code);
  const foreign: Record<string, string>[] = [
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
  ];
  for (const headers of foreign) {
    for (const fields of [
      { proof, decision: 'confirm' },
      { user_code: codes.user_code, ...ADMIN },
    ]) {
      expect((await postForm(gateway, '/device', fields, headers)).status).toBe(403);
    }
  }
  expect((await pollToken(gateway, codes)).json.error).toBe('authorization_pending');
  const own = await postForm(
    gateway,
    '/device',
    { proof, decision: 'confirm' },
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' },
  );
  expect(own.status).toBe(200);
});

test('device: a proof is valid for its device only, and no other sealed value is a proof', async () => {
  const gateway = await openGateway();
  const [first, second] = [await requestCodes(gateway), await requestCodes(gateway)];
  const { proof } = await openDecisionPage(gateway, first.user_code);
  const other = Buffer.from(gateway.services.sealer.seal('{}', 'unsubscribe')).toString('base64url');
  for (const wrong of ['', 'x', proof.slice(0, -2), `${proof}AA`, other, 'é'.repeat(600)]) {
    expect((await postForm(gateway, '/device', { proof: wrong, decision: 'confirm' })).status).toBe(400);
  }
  expect((await postForm(gateway, '/device', { proof, decision: 'maybe' })).status).toBe(400);
  expect((await submitDecision(gateway, proof, 'confirm')).status).toBe(200);
  expect((await pollToken(gateway, second)).json.error).toBe('authorization_pending');
  expect((await pollToken(gateway, first)).status).toBe(200);
});

test('device: an incomplete or malformed form is shown again', async () => {
  const gateway = await openGateway();
  const { user_code } = await requestCodes(gateway);
  const forms: (Record<string, string> | string)[] = [
    {},
    { user_code, email: ADMIN.email },
    { user_code, email: 'a\u0000@example.com', password: 'x\u0000' },
    'email=%ff%fe&password=%00&user_code=%00',
    'email=a&email=b',
    { user_code: 'x'.repeat(9_000) },
  ];
  for (const fields of forms) {
    const { status, text } = await postForm(gateway, '/device', fields);
    expect([400, 413]).toContain(status);
    expect(text).toContain('<form method="post" action="/device">');
  }
  expect(gateway.logged.filter((line) => line.includes('"level":50'))).toEqual([]);
});
