import { expect, test } from 'vitest';
import { authenticate } from '../../src/accounts/authenticate.ts';
import { confirmDevice } from '../../src/accounts/devices/confirm.ts';
import { beginDeviceAuthorization } from '../../src/accounts/devices/begin.ts';
import { pollDeviceAuthorization } from '../../src/accounts/devices/poll.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { systemRandom } from '../../src/store/random.ts';
import { countStatements } from '../support/count-statements.ts';
import { openTown, type Town } from '../support/town.ts';

const INVITE =
  'mutation ($input: InviteAccountInput!) { inviteAccount(input: $input) { __typename ... on UserError { message } } }';

async function emailsFor({ gateway }: Town, token: string, args = 'first: 100'): Promise<string[]> {
  const query = `{ invitations(${args}) { edges { node { email organizationId organizationName role invitedBy isAdministrator } } } }`;
  const { data, errors } = await gateway.ask(query, {}, token);
  expect(errors).toBeUndefined();
  return data['invitations'].edges.map(({ node }: any) => node.email);
}

test('invitations: administrators see all open ones, others those that they sent', async () => {
  const town = await openTown();
  const { gateway, admin, ann, adam, mia, acme, globex, gus } = town;
  const invite = async (token: string, input: object) => {
    const { data } = await gateway.ask(INVITE, { input }, token);
    expect(data['inviteAccount']).toEqual({ __typename: 'InviteAccountSuccess' });
    gateway.clock.advance(1);
  };
  await invite(ann.token, { email: 'one@example.com', organization: acme, role: 'MEMBER' });
  await invite(gus.token, { email: 'two@example.com', organization: globex, role: 'ADMIN' });
  await invite(admin.token, { email: 'three@example.com', administrator: true });
  expect(await emailsFor(town, admin.token)).toEqual(['three@example.com', 'two@example.com', 'one@example.com']);
  expect(await emailsFor(town, admin.token, 'last: 1')).toEqual(['one@example.com']);
  expect(await emailsFor(town, ann.token)).toEqual(['one@example.com']);
  for (const { token } of [adam, mia]) expect(await emailsFor(town, token)).toEqual([]);
  const { secret } = await town.issue(ann.token, { owner: acme });
  expect(await emailsFor(town, secret)).toEqual([]);
  await gateway.prisma.invitation.updateMany({
    where: { email: 'three@example.com' },
    data: { acceptedAt: gateway.clock.now() },
  });
  expect(await emailsFor(town, admin.token)).toEqual(['two@example.com', 'one@example.com']);
  gateway.clock.advance(7 * DAY_MS);
  expect(await emailsFor(town, (await town.signInAgain(town.gus)).token)).toEqual([]);
});

test('sessions: an account sees its own with their devices, an administrator those of all, nobody else any', async () => {
  const town = await openTown({ isClockTrusted: () => false });
  const { gateway, ann, mia, admin } = town;
  const { services } = gateway;
  const { caller } = await authenticate(services, `Bearer ${ann.token}`, '127.0.0.1');
  gateway.clock.advance(1);
  const asked = { clientId: 'keytide', name: 'laptop', address: '192.0.2.1' };
  const { userCode, deviceCode } = await beginDeviceAuthorization(services, asked);
  await confirmDevice(services, caller, { userCode }, '127.0.0.1');
  gateway.clock.advance(MINUTE_MS);
  await pollDeviceAuthorization(services, deviceCode, 'keytide');
  const SESSIONS =
    '{ accounts(first: 100) { edges { node { name sessionCount sessions { isCurrent expiresAt device { program name address } } } } } }';
  const sessionsOf = async (token: string, name: string) => {
    const { data, errors } = await gateway.ask(SESSIONS, {}, token);
    expect(errors).toBeUndefined();
    const { sessions } = data['accounts'].edges.map(({ node }: any) => node).find((node: any) => node.name === name);
    return sessions.map(({ isCurrent, device }: any) => [isCurrent, device]);
  };
  const device = { program: 'keytide', name: 'laptop', address: '192.0.2.1' };
  expect(await sessionsOf(ann.token, 'Ann')).toEqual([
    [false, device],
    [true, null],
  ]);
  expect(await sessionsOf(mia.token, 'Ann')).toEqual([]);
  expect(await sessionsOf(admin.token, 'Ann')).toEqual([
    [false, device],
    [false, null],
  ]);
  await gateway.services.follower.stop();
  const counts = [];
  for (const first of [1, 8]) {
    const query = SESSIONS.replace('first: 100', `first: ${first}`);
    const { statements } = await countStatements(() => gateway.ask(query, {}, admin.token));
    counts.push(
      statements.filter((text) => /^ ?SELECT (open\.|COUNT.*"Session"|"public"\."Device")/.test(text)).length,
    );
  }
  // The newest sessions, their devices, and the counts.
  expect(counts).toEqual([3, 3]);
  await gateway.ask('mutation { signOut }', {}, ann.token);
  expect((await sessionsOf(admin.token, 'Ann')).length).toBeLessThan(2);
});

test('sessions: an account with many sees the newest 100 and the count of all, and no more are read', async () => {
  const town = await openTown();
  const { gateway, ann, mia } = town;
  const { prisma, clock } = gateway;
  const at = clock.now().getTime();
  await prisma.session.createMany({
    data: Array.from({ length: 120 }, (_, index) => ({
      id: newId('session', new Date(at + index), systemRandom),
      accountId: ann.id,
      createdAt: new Date(at + 1 + index),
      expiresAt: new Date(at + DAY_MS),
    })),
  });
  const query = `query ($id: ID!) { node(id: $id) { ... on Account { sessionCount sessions { startedAt } } } }`;
  const { data } = await gateway.ask(query, { id: ann.id }, ann.token);
  const { sessionCount, sessions } = data['node'];
  expect([sessionCount, sessions.length]).toEqual([121, 100]);
  expect(sessions[0].startedAt).toBe(new Date(at + 120).toISOString());
  const others = `{ accounts(first: 100) { edges { node { name sessionCount } } } }`;
  const { data: seen } = await gateway.ask(others, {}, mia.token);
  const counts = seen['accounts'].edges.map(({ node }: any) => [node.name, node.sessionCount]);
  expect(counts).toContainEqual(['Ann', 0]);
});
