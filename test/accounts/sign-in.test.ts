import { expect, test } from 'vitest';
import { disableAccount } from '../../src/accounts/disable-account.ts';
import { changePassword } from '../../src/accounts/change-password.ts';
import { rateLimits } from '../../src/accounts/rate-limits.ts';
import { signIn } from '../../src/accounts/sign-in.ts';
import type { AccountCaller } from '../../src/domain/caller.ts';
import { HOUR_MS } from '../../src/domain/duration.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { ADMIN } from '../support/first-node.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';

const SIGN_IN = /* GraphQL */ `
  mutation ($input: SignInInput!) {
    signIn(input: $input) {
      __typename
      ... on SignInSuccess {
        token
        expiresAt
        account {
          id
          name
        }
      }
      ... on UserError {
        code
        message
        path
      }
    }
  }
`;

const wrong = {
  __typename: 'InvalidCredentials',
  code: 'INVALID_CREDENTIALS',
  message: 'No account has this email and this password. Check the email address and the password.',
  path: null,
};

test('sign in: the right password opens a session of 12 hours, however the email is written', async () => {
  const gateway = await openGateway();
  for (const email of [ADMIN.email, '  Admin@EXAMPLE.com ']) {
    const { data } = await gateway.ask(SIGN_IN, { input: { ...ADMIN, email } });
    const expiresAt = new Date(gateway.clock.now().getTime() + 12 * HOUR_MS).toISOString();
    expect(data['signIn']).toMatchObject({ expiresAt, account: { name: 'Administrator' } });
    const { data: seen } = await gateway.ask('{ viewer { ... on Account { email } } }', {}, data['signIn'].token);
    expect(seen['viewer']).toEqual({ email: ADMIN.email });
  }
  const account = await gateway.prisma.account.findFirstOrThrow();
  expect(account.lastSignInAt).toEqual(gateway.clock.now());
  const events = await gateway.prisma.event.findMany({ where: { type: 'ACCOUNT_SIGNED_IN' } });
  expect(events).toMatchObject(Array.from({ length: 2 }, () => ({ ownerId: account.id, actorId: account.id })));
});

test('sign in: an unknown email, a wrong password and a disabled account get the same response', async () => {
  const gateway = await openGateway();
  const person = await gateway.person('pia');
  await gateway.prisma.account.update({ where: { id: person.id }, data: { disabledAt: gateway.clock.now() } });
  const answers = await Promise.all(
    [
      { email: ADMIN.email, password: 'a wrong password' },
      { email: 'nobody@example.com', password: ADMIN.password },
      { email: 'pia@example.com', password: 'the password of pia' },
      { email: 'no email at all', password: '' },
      { email: '', password: ADMIN.password },
      { email: ADMIN.email, password: 'x'.repeat(1_025) },
    ].map((input) => raw(gateway, input)),
  );
  expect(new Set(answers)).toHaveLength(1);
  expect(JSON.parse(answers[0]!)[2]).toBe(JSON.stringify({ data: { signIn: wrong } }));
  expect(await gateway.prisma.session.count({ where: { accountId: person.id } })).toBe(1);
});

test('sign in: each sign-in opens a new session, whatever credential is sent', async () => {
  const gateway = await openGateway();
  const before = await gateway.admin();
  const { data } = await gateway.ask(SIGN_IN, { input: ADMIN }, before);
  const { data: again } = await gateway.ask(SIGN_IN, { input: ADMIN }, before);
  const tokens = [before, data['signIn'].token, again['signIn'].token];
  expect(new Set(tokens.map((token) => claims(token)['sid']))).toHaveLength(3);
  for (const token of tokens) {
    expect((await gateway.ask('{ viewer { __typename } }', {}, token)).data['viewer'].__typename).toBe('Account');
  }
});

test('sign in: after ten wrong passwords the right one is refused too, until the window ends', async () => {
  const gateway = await openGateway();
  const { limit, windowMs } = rateLimits.signInByAccountAndAddress;
  for (let count = 0; count < limit; count += 1) {
    const { data } = await gateway.ask(SIGN_IN, { input: { ...ADMIN, password: `guess ${count}` } });
    expect(data['signIn']).toEqual(wrong);
  }
  const { status, headers, errors } = await gateway.ask(SIGN_IN, { input: ADMIN });
  expect({ status, errors }).toMatchObject({
    status: 429,
    errors: [{ extensions: { code: 'RATE_LIMITED', retryAfter: windowMs / 1_000 } }],
  });
  expect(headers.get('retry-after')).toBe(String(windowMs / 1_000));
  // Somebody else at the same address is not kept out.
  expect((await gateway.ask(SIGN_IN, { input: { email: 'eve@example.com', password: 'x' } })).data['signIn']).toEqual(
    wrong,
  );
  gateway.clock.advance(windowMs);
  expect((await gateway.ask(SIGN_IN, { input: ADMIN })).data['signIn'].__typename).toBe('SignInSuccess');
});

test('sign in: the right password of a disabled account is an attempt like any other', async () => {
  const gateway = await openGateway();
  const { id } = await gateway.person('pia');
  await gateway.prisma.account.update({ where: { id }, data: { disabledAt: gateway.clock.now() } });
  const input = { email: 'pia@example.com', password: 'the password of pia' };
  for (let count = 0; count < rateLimits.signInByAccountAndAddress.limit; count += 1) {
    expect((await gateway.ask(SIGN_IN, { input })).data['signIn']).toEqual(wrong);
  }
  expect((await gateway.ask(SIGN_IN, { input })).errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
});

test('sign in: an address that tries many emails is refused for all of them', async () => {
  const gateway = await openGateway();
  const { limit, windowMs } = rateLimits.signInByAddress;
  // Too long to be a password: refused without being hashed.
  const password = 'x'.repeat(2_000);
  for (let count = 0; count < limit; count += 1) {
    await gateway.ask(SIGN_IN, { input: { email: `nobody-${count}@example.com`, password } });
  }
  expect((await gateway.ask(SIGN_IN, { input: ADMIN })).errors).toMatchObject([
    { extensions: { code: 'RATE_LIMITED' } },
  ]);
  gateway.clock.advance(windowMs);
  expect((await gateway.ask(SIGN_IN, { input: ADMIN })).data['signIn'].__typename).toBe('SignInSuccess');
});

test('sign in: a password of 10 MB is refused with 413, before it is processed', async () => {
  const gateway = await openGateway();
  const { status, errors } = await gateway.ask(SIGN_IN, { input: { ...ADMIN, password: 'x'.repeat(10_000_000) } });
  expect({ status, errors }).toMatchObject({ status: 413, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
});

test('sign in: no session is opened if the password was changed or the account disabled meanwhile', async () => {
  const gateway = await openGateway();
  const pia = await gateway.person('pia');
  const caller = (accountId: string, sessionId: string): AccountCaller => ({
    kind: 'ACCOUNT',
    id: accountId,
    name: 'x',
    sessionId,
    isAdministrator: true,
    roles: new Map(),
  });
  const own = caller(pia.id, claims(pia.token)['sid']);
  const { id: adminId } = await gateway.prisma.account.findFirstOrThrow({ where: { isAdministrator: true } });
  const passwords = { currentPassword: 'the password of pia', newPassword: 'another password of pia' };
  const meanwhile = [
    () => {
      const { currentPassword, newPassword } = passwords;
      const input = { currentPassword: new Sensitive(currentPassword), newPassword: new Sensitive(newPassword) };
      return changePassword(gateway.services, own, input, '127.0.0.1');
    },
    () => disableAccount(gateway.services, caller(adminId, 'x'), { accountId: pia.id, reason: 'gone' }),
  ];
  for (const [index, happens] of meanwhile.entries()) {
    // What a gateway does that has just found the password to be right.
    const services = {
      ...gateway.services,
      passwords: Object.assign(Object.create(gateway.services.passwords), {
        verifyPassword: async () => {
          await happens();
          return true;
        },
      }),
    };
    const password = new Sensitive(Object.values(passwords)[index] ?? '');
    const answer = await signIn(services, { email: 'pia@example.com', password, address: '127.0.0.1' });
    expect(answer).toMatchObject({ failure: 'InvalidCredentials' });
  }
  const open = await gateway.prisma.session.findMany({ where: { accountId: pia.id, endedAt: null } });
  expect(open).toEqual([]);
});

function claims(token: string): Record<string, any> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** All that comes over the wire, but when it was sent and under which request id. */
async function raw(gateway: Gateway, input: object): Promise<string> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: SIGN_IN, variables: { input } }),
  });
  const headers = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return JSON.stringify([response.status, headers, await response.text()]);
}
