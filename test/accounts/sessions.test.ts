import { expect, test } from 'vitest';
import { HOUR_MS } from '../../src/domain/duration.ts';
import { ADMIN } from '../support/first-node.ts';
import { openGateway, type Answer, type Gateway } from '../support/gateway.ts';
import { openTown } from '../support/town.ts';

const CHANGE_PASSWORD = /* GraphQL */ `
  mutation ($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      __typename
      ... on ChangePasswordSuccess {
        account {
          id
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
const SIGN_IN =
  'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignInSuccess { token } } }';

const newPassword = 'another good long password';
const change = { currentPassword: ADMIN.password, newPassword };

test('sign out: ends only the caller’s session, at once and on every node', async () => {
  const gateway = await openGateway();
  const other = await openGateway({ database: gateway.database, clock: gateway.clock });
  const [mine, another] = [await gateway.admin(), await gateway.admin()];
  expect(await isSignedIn(other, mine)).toBe(true);
  expect((await gateway.ask('mutation { signOut }', {}, mine)).data).toEqual({ signOut: true });
  for (const node of [gateway, other]) {
    expect(endOf(await node.ask('{ viewer { __typename } }', {}, mine))).toBe('SESSION_ENDED');
    expect(await isSignedIn(node, another)).toBe(true);
  }
  expect(endOf(await gateway.ask('mutation { signOut }', {}, mine))).toBe('SESSION_ENDED');
  const events = await gateway.prisma.event.findMany({ where: { type: 'ACCOUNT_SIGNED_OUT' } });
  expect(events).toHaveLength(1);
});

test('sign out: a key has no session to end', async () => {
  const town = await openTown();
  const { secret } = await town.issue(town.olga.token);
  expect((await town.gateway.ask('mutation { signOut }', {}, secret)).data).toEqual({ signOut: false });
  expect((await town.gateway.ask('mutation { signOut }')).errors).toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED' } },
  ]);
});

test('session: ends after 12 hours, to the second, used or not', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  gateway.clock.advance(12 * HOUR_MS - 1_000);
  expect(await isSignedIn(gateway, token)).toBe(true);
  gateway.clock.advance(1_000);
  expect(endOf(await gateway.ask('{ viewer { __typename } }', {}, token))).toMatch(/^(SESSION_ENDED|UNKNOWN)$/);
});

test('password change: ends all sessions except the caller’s', async () => {
  const gateway = await openGateway();
  const [mine, another] = [await gateway.admin(), await gateway.admin()];
  const pia = await gateway.person('pia');
  const { data } = await gateway.ask(CHANGE_PASSWORD, { input: change }, mine);
  expect(data['changePassword'].__typename).toBe('ChangePasswordSuccess');
  expect(await isSignedIn(gateway, mine)).toBe(true);
  expect(await isSignedIn(gateway, pia.token)).toBe(true);
  expect(endOf(await gateway.ask('{ viewer { __typename } }', {}, another))).toBe('SESSION_ENDED');
  expect(await typeOf(gateway, SIGN_IN, ADMIN)).toBe('InvalidCredentials');
  expect(await typeOf(gateway, SIGN_IN, { ...ADMIN, password: newPassword })).toBe('SignInSuccess');
  const [event] = await gateway.prisma.event.findMany({ where: { type: 'ACCOUNT_PASSWORD_CHANGED' } });
  expect(Object.keys(event!.data as object)).toEqual(['keptSessionId']);
});

test('password change: requires the current password and an acceptable new one', async () => {
  const gateway = await openGateway();
  const [mine, another] = [await gateway.admin(), await gateway.admin()];
  const refused: [object, object][] = [
    [
      { currentPassword: 'a wrong password' },
      {
        code: 'INVALID_CREDENTIALS',
        message: 'The current password is wrong. Check it, or ask the operator of the gateway to reset the password.',
        path: ['input', 'currentPassword'],
      },
    ],
    [
      { newPassword: 'short' },
      {
        code: 'PASSWORD_NOT_ALLOWED',
        message: 'The password has 5 characters; expected at least 12. Choose another password.',
        path: ['input', 'newPassword'],
      },
    ],
    [
      { newPassword: '😀'.repeat(257) },
      {
        code: 'PASSWORD_NOT_ALLOWED',
        message: 'The password has 1028 bytes; expected at most 1024. Choose another password.',
        path: ['input', 'newPassword'],
      },
    ],
    [
      { newPassword: 'ADMIN@example.com' },
      {
        code: 'PASSWORD_NOT_ALLOWED',
        message:
          'The password is the email address; expected another text of at least 12 characters. Choose another password.',
        path: ['input', 'newPassword'],
      },
    ],
  ];
  for (const [input, answer] of refused) {
    const { data } = await gateway.ask(CHANGE_PASSWORD, { input: { ...change, ...input } }, mine);
    expect(data['changePassword']).toMatchObject(answer);
  }
  expect(await isSignedIn(gateway, another)).toBe(true);
  expect(await gateway.prisma.event.count({ where: { type: 'ACCOUNT_PASSWORD_CHANGED' } })).toBe(0);
});

test('password change: guesses at the current password are limited like sign-ins', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const ask = () => gateway.ask(CHANGE_PASSWORD, { input: { ...change, currentPassword: 'x'.repeat(2_000) } }, token);
  for (let count = 0; count < 10; count += 1) {
    expect((await ask()).data['changePassword'].__typename).toBe('InvalidCredentials');
  }
  expect((await ask()).errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
});

test('password change: a repeated request is one change', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const input = { ...change, idempotencyKey: 'once' };
  const answers = [
    await gateway.ask(CHANGE_PASSWORD, { input }, token),
    await gateway.ask(CHANGE_PASSWORD, { input }, token),
  ];
  expect(answers.map(({ data }) => data['changePassword'].__typename)).toEqual([
    'ChangePasswordSuccess',
    'ChangePasswordSuccess',
  ]);
  expect(await gateway.prisma.event.count({ where: { type: 'ACCOUNT_PASSWORD_CHANGED' } })).toBe(1);
  const other = { ...input, newPassword: 'a third good password' };
  expect(await typeOf(gateway, CHANGE_PASSWORD, other, token)).toBe('IdempotencyConflict');
  const third = { currentPassword: newPassword, newPassword: 'a third good password' };
  expect(await typeOf(gateway, CHANGE_PASSWORD, third, token)).toBe('ChangePasswordSuccess');
});

test('password change: of two concurrent changes one succeeds', async () => {
  const gateway = await openGateway();
  const tokens = [await gateway.admin(), await gateway.admin()];
  const types = await Promise.all(
    tokens.map((token, index) =>
      typeOf(gateway, CHANGE_PASSWORD, { ...change, newPassword: `password number ${index}` }, token),
    ),
  );
  expect(types.filter((type) => type === 'ChangePasswordSuccess')).toHaveLength(1);
  const signedIn = await Promise.all(tokens.map((token) => isSignedIn(gateway, token)));
  expect(signedIn).toEqual(types.map((type) => type === 'ChangePasswordSuccess'));
});

test('session: a lost role is lost at the next request', async () => {
  const town = await openTown();
  const { gateway, acme, adam } = town;
  const { id } = await town.issue(town.mia.token, { owner: acme });
  const KEY = 'query ($id: ID!) { key(id: $id) { id } }';
  const HOLD = 'mutation ($input: HoldKeyInput!) { holdKey(input: $input) { __typename } }';
  const SET = 'mutation ($input: SetMemberInput!) { setMember(input: $input) { __typename } }';
  const held = () => gateway.ask(HOLD, { input: { keyId: id, reason: 'an incident' } }, adam.token);
  const set = (role: string | null, token = town.ann.token) =>
    gateway.ask(SET, { input: { organizationId: acme, accountId: adam.id, role } }, token);
  expect((await held()).data['holdKey'].__typename).toBe('HoldKeySuccess');
  await set('MEMBER');
  expect((await held()).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  expect((await gateway.ask(KEY, { id }, adam.token)).data['key']).toEqual({ id });
  await set(null);
  expect((await held()).data['holdKey'].__typename).toBe('KeyNotFound');
  expect((await gateway.ask(KEY, { id }, adam.token)).data['key']).toBeNull();
  await set('ADMIN');
  expect((await held()).data['holdKey'].__typename).toBe('KeyNotFound');
  await set('ADMIN', adam.token);
  expect((await held()).data['holdKey'].__typename).toBe('HoldKeySuccess');
});

async function isSignedIn(gateway: Gateway, token: string): Promise<boolean> {
  return (await gateway.ask('{ viewer { __typename } }', {}, token)).errors === undefined;
}

/** How a credential has ended, for whoever shows it. */
function endOf({ errors }: Answer): string {
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  return errors?.[0]?.extensions['outcome'];
}

async function typeOf(gateway: Gateway, query: string, input: object, credential?: string): Promise<string> {
  const { data } = await gateway.ask(query, { input }, credential);
  return Object.values(data)[0].__typename;
}
