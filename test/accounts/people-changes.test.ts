import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { confirmByMutation, pollToken, requestCodes } from '../support/device-world.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { openTown, type Person, type Town } from '../support/town.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';

const invitationsOf = async ({ gateway }: Town, { token }: Person) => {
  const { data } = await gateway.ask('{ invitations { edges { node { invitationId email } } } }', {}, token);
  return data['invitations'].edges.map(({ node }: any) => node) as readonly { invitationId: string; email: string }[];
};

const sessionsOf = async ({ gateway }: Town, { token }: Person) => {
  const { data } = await gateway.ask('{ viewer { ... on Account { sessions { sessionId isCurrent } } } }', {}, token);
  return data['viewer'].sessions as readonly { sessionId: string; isCurrent: boolean }[];
};

async function ask(town: Town, who: Person | null, mutation: string, input: object, selection = '__typename') {
  const { data, errors } = await town.gateway.ask(mutationQuery(mutation, selection), { input }, who?.token ?? null);
  return errors?.[0]?.extensions['code'] ?? data[mutation];
}

const isSignedIn = async ({ gateway }: Town, token: string) =>
  (await gateway.ask('{ viewer { __typename } }', {}, token)).errors === undefined;

test('withdraw: an invitation that its sender or an administrator withdraws cannot be accepted, and is listed no more', async () => {
  const town = await openTown();
  const { gateway, ann, adam, admin, acme } = town;
  const invite = async (email: string) => {
    const input = { email, organization: acme, role: 'MEMBER', idempotencyKey: email };
    return (await ask(town, ann, 'inviteAccount', input, 'token')).token as string | null;
  };
  const accept = async (token: string | null) =>
    (
      await ask(town, null, 'acceptInvitation', {
        token,
        name: 'Nia',
        password: 'a good long password',
      })
    ).__typename;
  const [first, second, third] = [
    await invite('one@example.com'),
    await invite('two@example.com'),
    await invite('three@example.com'),
  ];
  gateway.clock.advance(1);
  const open = await invitationsOf(town, ann);
  const idOf = (email: string) => ({ invitationId: open.find((one) => one.email === email)?.invitationId ?? '' });
  expect(await ask(town, adam, 'withdrawInvitation', idOf('one@example.com'))).toMatchObject({
    code: 'INVITATION_NOT_FOUND',
  });
  expect(await ask(town, ann, 'withdrawInvitation', idOf('one@example.com'), 'invitationId')).toMatchObject(
    idOf('one@example.com'),
  );
  expect((await ask(town, admin, 'withdrawInvitation', idOf('two@example.com'))).__typename).toBe(
    'WithdrawInvitationSuccess',
  );
  expect([await accept(first), await accept(second)]).toEqual(['InvitationNotFound', 'InvitationNotFound']);
  // The invitation is repeated without its token, as one that was accepted.
  expect(await invite('one@example.com')).toBeNull();
  expect((await invitationsOf(town, ann)).map(({ email }) => email)).toEqual(['three@example.com']);
  expect(await accept(third)).toBe('AcceptInvitationSuccess');
  for (const email of ['one@example.com', 'three@example.com']) {
    expect(await ask(town, admin, 'withdrawInvitation', idOf(email)), email).toMatchObject({
      code: 'INVITATION_NOT_FOUND',
    });
  }
  const events = await gateway.prisma.event.findMany({ where: { type: 'ACCOUNT_INVITATION_WITHDRAWN' } });
  expect(events).toMatchObject([
    { ownerId: acme, actorId: ann.id, data: idOf('one@example.com') },
    { ownerId: acme, actorId: admin.id, data: idOf('two@example.com') },
  ]);
});

test('withdraw: an invitation that is withdrawn in the instant of its making cannot be accepted in that instant', async () => {
  const town = await openTown();
  const { admin } = town;
  const invited = await ask(town, admin, 'inviteAccount', { email: 'one@example.com' }, 'token');
  const [open] = await invitationsOf(town, admin);
  const withdrawn = await ask(town, admin, 'withdrawInvitation', { invitationId: open?.invitationId ?? '' });
  expect(withdrawn.__typename).toBe('WithdrawInvitationSuccess');
  const input = { token: invited.token, name: 'Nia', password: 'a good long password' };
  expect((await ask(town, null, 'acceptInvitation', input)).__typename).toBe('InvitationNotFound');
});

test('end sessions: an account ends one of its own, or all but the calling one; an administrator those of all; nobody else any', async () => {
  const town = await openTown();
  const { gateway, ann, mia, admin } = town;
  const [second, third] = [await gateway.session(ann.id), await gateway.session(ann.id)];
  const other = (await sessionsOf(town, { ...ann, token: second })).find(({ isCurrent }) => isCurrent)?.sessionId;
  const [ofMia] = await sessionsOf(town, mia);
  const input = { sessionIds: [other, ofMia?.sessionId, 'session_00000000000000000000000000'] };
  expect(await ask(town, ann, 'endSessions', input, 'endedCount')).toMatchObject({ endedCount: 1 });
  expect([await isSignedIn(town, second), await isSignedIn(town, third), await isSignedIn(town, mia.token)]).toEqual([
    false,
    true,
    true,
  ]);
  expect(await ask(town, ann, 'endSessions', input, 'endedCount')).toMatchObject({ endedCount: 0 });
  expect(await ask(town, ann, 'endSessions', {}, 'endedCount')).toMatchObject({ endedCount: 1 });
  expect([await isSignedIn(town, third), await isSignedIn(town, ann.token)]).toEqual([false, true]);
  expect(await ask(town, mia, 'endSessions', { accountId: ann.id })).toMatchObject({ code: 'ACCOUNT_NOT_FOUND' });
  expect(await ask(town, admin, 'endSessions', { accountId: ann.id }, 'endedCount')).toMatchObject({ endedCount: 1 });
  expect([await isSignedIn(town, ann.token), await isSignedIn(town, admin.token)]).toEqual([false, true]);
  const events = await gateway.prisma.event.findMany({ where: { type: 'ACCOUNT_SIGNED_OUT' } });
  expect(events.map(({ ownerId, actorId }) => [ownerId, actorId])).toEqual([
    [ann.id, ann.id],
    [ann.id, ann.id],
    [ann.id, admin.id],
  ]);
});

test('end sessions: a device that an ended session confirms at the same time gets no session', async () => {
  const town = await openTown();
  const { gateway, ann } = town;
  const { prisma } = gateway;
  const stolen = await gateway.session(ann.id);
  const codes = await requestCodes(gateway);
  const { confirmed, ended } = await prisma.$transaction(async (tx) => {
    // Each of them has made its change, and waits for its place in the log.
    await tx.$queryRaw`SELECT 1 FROM "LogHead" FOR UPDATE`;
    const confirmed = confirmByMutation(gateway, stolen, codes.user_code);
    await waitUntilBlocked(prisma);
    const ended = ask(town, ann, 'endSessions', {}, 'endedCount');
    await waitUntilBlocked(prisma, 2);
    return { confirmed, ended };
  });
  expect((await confirmed).__typename).toBe('ConfirmDeviceSuccess');
  expect(await ended).toMatchObject({ endedCount: 2 });
  expect((await pollToken(gateway, codes)).json).toMatchObject({ error: 'access_denied' });
  expect((await sessionsOf(town, ann)).map(({ isCurrent }) => isCurrent)).toEqual([true]);
});

test('administrator: the right is given and taken from the next request on; the last one keeps it', async () => {
  const town = await openTown();
  const { gateway, ann, admin } = town;
  const reason = 'helps out';
  const mayDisable = async () =>
    (await ask(town, ann, 'disableAccount', { accountId: town.max.id, reason })).__typename === 'DisableAccountSuccess';
  const set = async (administrator: boolean, accountId = ann.id, who = admin) =>
    ask(town, who, 'setAdministrator', { accountId, administrator, reason }, 'account { isAdministrator }');
  expect(await set(true, ann.id, ann)).toBe('FORBIDDEN');
  expect(await mayDisable()).toBe(false);
  expect(await set(true)).toMatchObject({ account: { isAdministrator: true } });
  expect(await mayDisable()).toBe(true);
  // Nothing changes the second time.
  expect(await set(true)).toMatchObject({ account: { isAdministrator: true } });
  expect(await set(true, town.max.id)).toMatchObject({ code: 'ACCOUNT_NOT_FOUND' });
  expect(await set(false, admin.id, ann)).toMatchObject({ account: { isAdministrator: false } });
  expect(await set(true, admin.id)).toBe('FORBIDDEN');
  expect(await set(false, ann.id, ann)).toMatchObject({ code: 'LAST_ADMINISTRATOR' });
  const events = await gateway.prisma.event.findMany({ where: { type: 'ACCOUNT_ADMINISTRATOR_CHANGED' } });
  expect(events).toMatchObject([
    { ownerId: ann.id, actorId: admin.id, reason, data: { isAdministrator: true } },
    { ownerId: admin.id, actorId: ann.id, reason, data: { isAdministrator: false, before: { isAdministrator: true } } },
  ]);
});

test('administrator: two who take the right from each other at once leave one', async () => {
  const town = await openTown();
  const { gateway, ann, admin } = town;
  await gateway.prisma.account.updateMany({
    where: { isAdministrator: true, id: { not: admin.id } },
    data: { isAdministrator: false },
  });
  const reason = 'left';
  await ask(town, admin, 'setAdministrator', { accountId: ann.id, administrator: true, reason });
  const take = (who: Person, { id }: Person) =>
    ask(town, who, 'setAdministrator', { accountId: id, administrator: false, reason });
  await Promise.all([take(admin, ann), take(ann, admin)]);
  expect(await gateway.prisma.account.count({ where: { isAdministrator: true, disabledAt: null } })).toBe(1);
});

test('administrator: a request that waits while its sender loses the right, or is disabled, gives nothing back', async () => {
  const town = await openTown();
  const { gateway, ann } = town;
  const { prisma } = gateway;
  const input = { accountId: ann.id, reason: 'again' };
  for (const [taken, code, mutation, change] of [
    [{ isAdministrator: false }, 'FORBIDDEN', 'setAdministrator', { administrator: true }],
    [{ disabledAt: gateway.clock.now() }, 'UNAUTHENTICATED', 'disableAccount', { disabled: false }],
  ] as const) {
    await prisma.account.update({ where: { id: ann.id }, data: { isAdministrator: true } });
    const { answer } = await prisma.$transaction(async (tx) => {
      await tx.account.update({ where: { id: ann.id }, data: taken });
      const answer = ask(town, ann, mutation, { ...input, ...change });
      await waitUntilBlocked(prisma);
      return { answer };
    });
    expect(await answer, mutation).toBe(code);
    expect(await prisma.account.findUnique({ where: { id: ann.id } })).toMatchObject(taken);
  }
});

test('enable: the right to administer can be taken from a disabled account, so that it is enabled without it', async () => {
  const town = await openTown();
  const { gateway, admin, ann } = town;
  const change = (mutation: string, input: object) =>
    ask(
      town,
      admin,
      mutation,
      { accountId: ann.id, reason: 'left', ...input },
      'account { isAdministrator disabledAt }',
    );
  await change('setAdministrator', { administrator: true });
  await change('disableAccount', {});
  expect(await change('setAdministrator', { administrator: false })).toMatchObject({
    account: { isAdministrator: false },
  });
  expect(await change('setAdministrator', { administrator: true })).toMatchObject({ code: 'ACCOUNT_NOT_FOUND' });
  expect(await change('disableAccount', { disabled: false })).toMatchObject({
    account: { isAdministrator: false, disabledAt: null },
  });
  expect(await gateway.prisma.account.count({ where: { id: ann.id, isAdministrator: true } })).toBe(0);
});

test('enable: a disabled account can sign in again with its password; its old sessions stay ended', async () => {
  const town = await openTown();
  const { gateway, admin } = town;
  const pia = await gateway.person('pia');
  const disable = (disabled: boolean | undefined, who = admin) =>
    ask(town, who, 'disableAccount', { accountId: pia.id, disabled, reason: 'a mistake' }, 'account { disabledAt }');
  const signIn = async () => {
    const input = { email: 'pia@example.com', password: 'the password of pia' };
    return (await gateway.ask(mutationQuery('signIn', '__typename'), { input })).data['signIn'].__typename;
  };
  await disable(undefined);
  expect(await signIn()).toBe('InvalidCredentials');
  expect(await disable(false, town.ann)).toBe('FORBIDDEN');
  gateway.clock.advance(DAY_MS / 24);
  expect(await disable(false)).toMatchObject({ account: { disabledAt: null } });
  expect(await disable(false)).toMatchObject({ account: { disabledAt: null } });
  expect(await isSignedIn(town, pia.token)).toBe(false);
  expect(await signIn()).toBe('SignInSuccess');
  const events = await gateway.prisma.event.findMany({ where: { type: 'ACCOUNT_ENABLED' } });
  expect(events).toMatchObject([{ ownerId: pia.id, actorId: admin.id, reason: 'a mistake', data: { keyCount: 0 } }]);
});

test('rename: an account gives itself another name; its event has both, and a name that does not differ records nothing', async () => {
  const town = await openTown();
  const { gateway, ann } = town;
  const selection = 'account { id name noticesByMail }';
  const rename = (name: string) => ask(town, ann, 'updateAccount', { name }, selection);
  expect(await rename('Ann of Acme')).toMatchObject({ account: { id: ann.id, name: 'Ann of Acme' } });
  await rename('Ann of Acme');
  expect(await rename('')).toBe('BAD_USER_INPUT');
  expect(await rename('x'.repeat(101))).toBe('BAD_USER_INPUT');
  expect(await ask(town, ann, 'updateAccount', { noticesByMail: false }, selection)).toMatchObject({
    account: { name: 'Ann of Acme', noticesByMail: false },
  });
  const events = await gateway.prisma.event.findMany({
    where: { ownerId: ann.id, type: 'ACCOUNT_UPDATED' },
    orderBy: { at: 'asc' },
  });
  expect(events.map(({ data }) => data)).toEqual([
    { noticesByMail: true, before: { name: 'Ann' }, after: { name: 'Ann of Acme' } },
    { noticesByMail: false, before: { noticesByMail: true }, after: { noticesByMail: false } },
  ]);
});

test('rename: of two changes at once each starts from what the other has left, and neither is lost', async () => {
  const town = await openTown();
  const { gateway, ann } = town;
  const { prisma } = gateway;
  const { answers } = await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Account" WHERE id = ${ann.id} FOR UPDATE`;
    const inputs = [{ name: 'Ann of Acme' }, { name: 'Ann of Tools', noticesByMail: false }];
    const answers = inputs.map((input) => ask(town, ann, 'updateAccount', input));
    await waitUntilBlocked(prisma, 2);
    return { answers };
  });
  for (const answer of await Promise.all(answers)) expect(answer.__typename).toBe('UpdateAccountSuccess');
  const events = await prisma.event.findMany({
    where: { ownerId: ann.id, type: 'ACCOUNT_UPDATED' },
    orderBy: { position: 'asc' },
  });
  const changes = events.map(({ data }) => data as Record<'before' | 'after', { readonly name?: string }>);
  expect(changes.map(({ before }) => before.name)).toEqual(['Ann', changes[0]?.after.name]);
  const { name, noticesByMail } = await prisma.account.findUniqueOrThrow({ where: { id: ann.id } });
  expect([name, noticesByMail]).toEqual([changes[1]?.after.name, false]);
});

test('rename: a change that waits while its account is disabled changes nothing', async () => {
  const town = await openTown();
  const { gateway, ann } = town;
  const { prisma } = gateway;
  const { answer } = await prisma.$transaction(async (tx) => {
    await tx.account.update({ where: { id: ann.id }, data: { disabledAt: gateway.clock.now() } });
    const answer = ask(town, ann, 'updateAccount', { name: 'Ann of Acme' });
    await waitUntilBlocked(prisma);
    return { answer };
  });
  expect(await answer).toBe('UNAUTHENTICATED');
  expect(await prisma.account.findUnique({ where: { id: ann.id } })).toMatchObject({ name: 'Ann' });
  expect(await prisma.event.count({ where: { ownerId: ann.id, type: 'ACCOUNT_UPDATED' } })).toBe(0);
});
