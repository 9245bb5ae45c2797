import { expect, test } from 'vitest';
import { rateLimits } from '../../src/accounts/rate-limits.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { openTown } from '../support/town.ts';

const INVITE = /* GraphQL */ `
  mutation ($input: InviteAccountInput!) {
    inviteAccount(input: $input) {
      __typename
      ... on InviteAccountSuccess {
        token
        expiresAt
      }
      ... on UserError {
        code
        message
        path
      }
    }
  }
`;
const ACCEPT = /* GraphQL */ `
  mutation ($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      __typename
      ... on AcceptInvitationSuccess {
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
const SIGN_IN =
  'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignInSuccess { token } } }';
const VIEWER =
  '{ viewer { ... on Account { name email isAdministrator memberships { role organization { name } } } } }';

const pia = { name: 'Pia', password: 'a password of her own' };
const notFound = {
  __typename: 'InvitationNotFound',
  code: 'INVITATION_NOT_FOUND',
  message: 'No open invitation has this token. Request a new invitation: each can be used once, within 7 days.',
  path: ['input', 'token'],
};

test('invitation: creates one account, which signs in with its chosen password', async () => {
  const gateway = await openGateway();
  const { token, expiresAt } = await invite(gateway, { email: ' Pia@Example.com' }, await gateway.admin());
  expect(expiresAt).toBe(new Date(gateway.clock.now().getTime() + 7 * DAY_MS).toISOString());
  expect((await accept(gateway, { token })).account.name).toBe('Pia');
  expect(await accept(gateway, { token })).toEqual(notFound);
  const viewer = await signedIn(gateway, 'pia@example.com');
  expect(viewer).toEqual({ name: 'Pia', email: 'pia@example.com', isAdministrator: false, memberships: [] });
  const events = await gateway.prisma.event.findMany({
    where: { type: { in: ['ACCOUNT_INVITED', 'ACCOUNT_CREATED'] } },
  });
  expect(events.map(({ type }) => type)).toEqual(['ACCOUNT_CREATED', 'ACCOUNT_INVITED', 'ACCOUNT_CREATED']);
  expect(JSON.stringify(events.map(({ data }) => data))).not.toMatch(/pia@|kti_/i);
});

test('invitation: valid for 7 days, to the millisecond', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const [first, second] = [await invite(gateway, {}, admin), await invite(gateway, {}, admin)];
  gateway.clock.advance(7 * DAY_MS - 1);
  expect((await accept(gateway, { token: first.token })).__typename).toBe('AcceptInvitationSuccess');
  gateway.clock.advance(1);
  expect(await accept(gateway, { token: second.token })).toEqual(notFound);
});

test('invitation: grants the organization role or administrator status that it offers', async () => {
  const town = await openTown();
  const { gateway } = town;
  const member = await invite(
    gateway,
    { email: 'm@example.com', organization: town.acme, role: 'ADMIN' },
    town.ann.token,
  );
  await accept(gateway, { token: member.token });
  expect(await signedIn(gateway, 'm@example.com')).toMatchObject({
    isAdministrator: false,
    memberships: [{ role: 'ADMIN', organization: { name: 'Acme' } }],
  });
  const both = { email: 'b@example.com', organization: town.globex, role: 'OWNER', administrator: true };
  await accept(gateway, { token: (await invite(gateway, both, town.admin.token)).token });
  expect(await signedIn(gateway, 'b@example.com')).toMatchObject({
    isAdministrator: true,
    memberships: [{ role: 'OWNER', organization: { name: 'Globex' } }],
  });
});

test('invitation: only attempts that find no open invitation count towards the limit of an address', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { limit, windowMs } = rateLimits.invitationByAddress;
  const first = await invite(gateway, { email: 'first@example.com' }, admin);
  for (let count = 0; count < limit + 1; count += 1) {
    const refused = await accept(gateway, { token: first.token, password: 'short' });
    expect(refused.__typename).toBe('PasswordNotAllowed');
  }
  expect((await accept(gateway, { token: first.token })).__typename).toBe('AcceptInvitationSuccess');
  const { token } = await invite(gateway, { email: 'last@example.com' }, admin);
  for (let count = 0; count < limit; count += 1) {
    expect(await accept(gateway, { token: `${token.slice(0, -4)}0000` })).toEqual(notFound);
  }
  const refused = await gateway.ask(ACCEPT, { input: { ...pia, token } });
  expect(refused.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: windowMs / 1_000 } }]);
  gateway.clock.advance(windowMs);
  expect((await accept(gateway, { token })).__typename).toBe('AcceptInvitationSuccess');
});

test('invitation: who may invite whom', async () => {
  const town = await openTown();
  const { secret } = await town.issue(town.olga.token, { scopes: [{ action: 'keytide:issue', resource: '**' }] });
  const callers = {
    administrator: town.admin.token,
    owner: town.ann.token,
    admin: town.adam.token,
    member: town.mia.token,
    outsider: town.gus.token,
    key: secret,
  };
  const inputs = {
    'to nothing': {},
    'as administrator': { administrator: true },
    'as MEMBER': { organization: town.acme, role: 'MEMBER' },
    'as ADMIN': { organization: town.acme, role: 'ADMIN' },
    'as OWNER': { organization: town.acme, role: 'OWNER' },
    'as OWNER and administrator': { organization: town.acme, role: 'OWNER', administrator: true },
  };
  const found: Record<string, string[]> = {};
  for (const [caller, credential] of Object.entries(callers)) {
    for (const [what, input] of Object.entries(inputs)) {
      const { data, errors } = await town.gateway.ask(
        INVITE,
        { input: { email: 'new@example.com', ...input } },
        credential,
      );
      (found[what] ??= []).push(`${caller}: ${errors?.[0]?.extensions['code'] ?? data['inviteAccount'].__typename}`);
    }
  }
  const yes = 'InviteAccountSuccess';
  const no = 'FORBIDDEN';
  const outside = ['outsider: OrganizationNotFound', 'key: OrganizationNotFound'];
  const onlyAdministrators = [`administrator: ${yes}`, `owner: ${no}`, `admin: ${no}`, `member: ${no}`];
  const managers = [`administrator: ${yes}`, `owner: ${yes}`, `admin: ${yes}`, `member: ${no}`, ...outside];
  expect(found).toEqual({
    'to nothing': [...onlyAdministrators, `outsider: ${no}`, `key: ${no}`],
    'as administrator': [...onlyAdministrators, `outsider: ${no}`, `key: ${no}`],
    'as MEMBER': managers,
    'as ADMIN': managers,
    'as OWNER': [`administrator: ${yes}`, `owner: ${yes}`, `admin: ${no}`, `member: ${no}`, ...outside],
    'as OWNER and administrator': [...onlyAdministrators, ...outside],
  });
});

test('invitation: valid only while its inviter may still make it', async () => {
  const town = await openTown();
  const { gateway } = town;
  const boss = await gateway.person('boss');
  await gateway.prisma.account.update({ where: { id: boss.id }, data: { isAdministrator: true } });
  const asOwner = { email: 'o@example.com', organization: town.acme, role: 'OWNER' };
  const asMember = { email: 'm@example.com', organization: town.acme, role: 'MEMBER' };
  const [owner, member] = [
    await invite(gateway, asOwner, town.ann.token),
    await invite(gateway, asMember, town.ann.token),
  ];
  const administrator = await invite(gateway, { email: 'a@example.com', administrator: true }, boss.token);
  const SET = 'mutation ($input: SetMemberInput!) { setMember(input: $input) { __typename } }';
  const set = (accountId: string, role: string | null) =>
    gateway.ask(SET, { input: { organizationId: town.acme, accountId, role } }, town.admin.token);
  await set(town.adam.id, 'OWNER');
  await set(town.ann.id, 'ADMIN');
  expect(await accept(gateway, { token: owner.token })).toEqual(notFound);
  expect((await accept(gateway, { token: member.token })).__typename).toBe('AcceptInvitationSuccess');
  const DISABLE = 'mutation ($input: DisableAccountInput!) { disableAccount(input: $input) { __typename } }';
  await gateway.ask(DISABLE, { input: { accountId: boss.id, reason: 'gone' } }, town.admin.token);
  expect(await accept(gateway, { token: administrator.token })).toEqual(notFound);
});

test('invitation: only a caller who may see an account learns that its email is taken', async () => {
  const town = await openTown();
  const { gateway } = town;
  const email = 'OLGA@example.com';
  const taken = {
    __typename: 'EmailTaken',
    code: 'EMAIL_TAKEN',
    message: 'An account has this email already. No invitation is needed: the person can sign in.',
    path: ['input', 'email'],
  };
  expect(await invite(gateway, { email }, town.admin.token)).toEqual(taken);
  const mia = { email: 'mia@example.com', organization: town.acme, role: 'MEMBER' };
  const invitesMember = 'An account has this email already. Invite the account to the organization with setMember.';
  expect(await invite(gateway, mia, town.ann.token)).toEqual({ ...taken, message: invitesMember });
  // Whoever makes an organization could otherwise ask for every address in the world.
  const stranger = await invite(gateway, { email, organization: town.globex, role: 'MEMBER' }, town.gus.token);
  expect(stranger.__typename).toBe('InviteAccountSuccess');
  expect(await accept(gateway, { token: stranger.token })).toEqual({
    ...taken,
    message: 'An account has this email already. Sign in to the account with this email address.',
    path: ['input', 'token'],
  });
});

test('invitation: a repeated request returns the same invitation until it is accepted', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const input = { email: 'pia@example.com', idempotencyKey: 'once' };
  const first = await invite(gateway, input, admin);
  expect(await invite(gateway, input, admin)).toEqual(first);
  await accept(gateway, { token: first.token });
  expect(await invite(gateway, input, admin)).toEqual({ ...first, token: null });
  expect((await invite(gateway, { ...input, email: 'pim@example.com' }, admin)).__typename).toBe('IdempotencyConflict');
  expect(await gateway.prisma.invitation.count()).toBe(1);
});

test('invitation: a repeated acceptance creates no second account, and works for no other caller', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { token } = await invite(gateway, { email: 'pia@example.com' }, admin);
  const other = await invite(gateway, { email: 'pim@example.com' }, admin);
  const idempotencyKey = 'the first key that comes to mind';
  const made = await accept(gateway, { token, idempotencyKey });
  expect(await accept(gateway, { token, idempotencyKey })).toEqual(made);
  const conflict = await accept(gateway, { token, idempotencyKey, password: 'another password of hers' });
  expect(conflict.__typename).toBe('IdempotencyConflict');
  const otherMade = await accept(gateway, { token: other.token, idempotencyKey, name: 'Pim' });
  expect(otherMade.account.name).toBe('Pim');
  expect(await gateway.prisma.account.count()).toBe(3);
});

test('invitation: of concurrent acceptances one creates the account', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { token } = await invite(gateway, { email: 'pia@example.com' }, admin);
  const same = await Promise.all([token, token, token].map((one) => accept(gateway, { token: one })));
  expect(same.map(({ __typename }) => __typename).toSorted()).toEqual([
    'AcceptInvitationSuccess',
    'InvitationNotFound',
    'InvitationNotFound',
  ]);
});

test('invitation: of two invitations of one email the first acceptance creates the account', async () => {
  const gateway = await openGateway();
  const { token } = await invite(gateway, { email: 'pia@example.com' }, await gateway.admin());
  const row = {
    id: 'account_x',
    email: 'pia@example.com',
    name: 'Pia',
    passwordHash: '',
    createdAt: gateway.clock.now(),
  };
  const { accepted } = await gateway.prisma.$transaction(async (tx) => {
    await tx.account.create({ data: row });
    const accepted = accept(gateway, { token });
    await waitUntilBlocked(gateway.prisma);
    return { accepted };
  });
  expect((await accepted).__typename).toBe('EmailTaken');
  expect(await gateway.prisma.invitation.findFirst()).toMatchObject({ acceptedAt: null });
});

test('invitation: a refused acceptance leaves the invitation open', async () => {
  const gateway = await openGateway();
  const { token } = await invite(gateway, {}, await gateway.admin());
  expect(await accept(gateway, { token, password: 'short' })).toMatchObject({
    code: 'PASSWORD_NOT_ALLOWED',
    path: ['input', 'password'],
  });
  const { errors } = await gateway.ask(ACCEPT, { input: { ...pia, token, name: ' ' } });
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['input', 'name'] } }]);
  expect(await accept(gateway, { token: `${token}x` })).toEqual(notFound);
  expect((await accept(gateway, { token })).__typename).toBe('AcceptInvitationSuccess');
});

async function invite(gateway: Gateway, input: object, credential: string): Promise<Record<string, any>> {
  const { data } = await gateway.ask(INVITE, { input: { email: 'new@example.com', ...input } }, credential);
  return data['inviteAccount'];
}

async function accept(gateway: Gateway, input: object): Promise<Record<string, any>> {
  const { data, errors } = await gateway.ask(ACCEPT, { input: { ...pia, ...input } });
  expect(errors).toBeUndefined();
  return data['acceptInvitation'];
}

async function signedIn(gateway: Gateway, email: string): Promise<Record<string, any>> {
  const { data } = await gateway.ask(SIGN_IN, { input: { email, password: pia.password } });
  return (await gateway.ask(VIEWER, {}, data['signIn'].token)).data['viewer'];
}
