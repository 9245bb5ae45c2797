import { expect, test } from 'vitest';
import { newId } from '../../src/domain/id.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';
import { openGateway } from '../support/gateway.ts';
import { openTown, type Person, type Town } from '../support/town.ts';

const CREATE = /* GraphQL */ `
  mutation ($input: CreateOrganizationInput!) {
    createOrganization(input: $input) {
      __typename
      ... on CreateOrganizationSuccess {
        organization {
          id
          name
          members {
            role
            account {
              name
            }
          }
        }
      }
    }
  }
`;
const SET = /* GraphQL */ `
  mutation ($input: SetMemberInput!) {
    setMember(input: $input) {
      __typename
      ... on SetMemberSuccess {
        organization {
          members {
            role
            account {
              name
            }
          }
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

test('organization: its creator is its first OWNER', async () => {
  const town = await openTown();
  const { data } = await town.gateway.ask(CREATE, { input: { name: 'Initech' } }, town.eve.token);
  const members = [{ role: 'OWNER', account: { name: 'Eve' } }];
  expect(data['createOrganization']).toMatchObject({ organization: { name: 'Initech', members } });
  const { id } = data['createOrganization'].organization;
  const events = await town.gateway.prisma.event.findMany({ where: { ownerId: id } });
  expect(events).toMatchObject([{ type: 'ORGANIZATION_CREATED', actorId: town.eve.id }]);
  const { secret } = await town.issue(town.eve.token);
  const { errors } = await town.gateway.ask(CREATE, { input: { name: 'Initech' } }, secret);
  expect(errors).toMatchObject([
    { message: 'Only accounts can create organizations.', extensions: { code: 'FORBIDDEN' } },
  ]);
});

test('organization: a repeated creation under one idempotency key creates no second one', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const input = { name: 'Initech', idempotencyKey: 'once' };
  const [first, second] = await Promise.all([
    gateway.ask(CREATE, { input }, token),
    gateway.ask(CREATE, { input }, token),
  ]);
  expect(first.data).toEqual(second.data);
  expect(await gateway.prisma.organization.count()).toBe(1);
});

test('members: an ADMIN may change everyone but OWNERs, a MEMBER may change no one', async () => {
  const town = await openTown();
  const second = await town.person('Oda');
  await town.join(town.acme, second, 'OWNER');
  const callers = { ann: town.ann, adam: town.adam, mia: town.mia, admin: town.admin };
  const cases: [Person, string | null, string[]][] = [
    [town.eve, 'MEMBER', ['ann', 'adam', 'admin']],
    [town.eve, 'ADMIN', ['ann', 'adam', 'admin']],
    [town.eve, 'OWNER', ['ann', 'admin']],
    [town.max, 'ADMIN', ['ann', 'adam', 'admin']],
    [town.max, 'OWNER', ['ann', 'admin']],
    [town.max, null, ['ann', 'adam', 'admin']],
    [second, 'MEMBER', ['ann', 'admin']],
    [second, null, ['ann', 'admin']],
  ];
  for (const [subject, role, allowed] of cases) {
    const before = await town.gateway.prisma.membership.findMany({ where: { accountId: subject.id } });
    const found = [];
    for (const [name, { token }] of Object.entries(callers)) {
      const answer = await set(town, token, subject, role);
      if (answer === 'SetMemberSuccess') found.push(name);
      else expect(answer).toBe('FORBIDDEN');
      await town.gateway.prisma.membership.deleteMany({ where: { accountId: subject.id } });
      await town.gateway.prisma.membership.createMany({ data: before });
    }
    expect([subject.id, role, found]).toEqual([subject.id, role, allowed]);
  }
});

test('members: any member may leave, and then sees nothing of the organization', async () => {
  const town = await openTown();
  await town.issue(town.mia.token, { owner: town.acme });
  const leave = { organizationId: town.acme, accountId: town.mia.id, role: null };
  const left = await town.gateway.ask(SET, { input: leave }, town.mia.token);
  expect(left.data['setMember']).toEqual({ __typename: 'SetMemberSuccess', organization: { members: [] } });
  const query = 'query ($id: ID!) { organization(id: $id) { name } keys { edges { cursor } } }';
  const { data } = await town.gateway.ask(query, { id: town.acme }, town.mia.token);
  expect(data).toEqual({ organization: null, keys: { edges: [] } });
  expect(await set(town, town.mia.token, town.mia, 'MEMBER')).toBe('OrganizationNotFound');
});

test('members: the last OWNER cannot be demoted or removed, nor leave', async () => {
  const town = await openTown();
  const closed = await town.person('Oda');
  await town.join(town.acme, closed, 'OWNER');
  // An OWNER that cannot sign in is none that could run it.
  await town.gateway.prisma.account.update({
    where: { id: closed.id },
    data: { disabledAt: town.gateway.clock.now() },
  });
  for (const { token } of [town.ann, town.admin]) {
    for (const role of ['ADMIN', 'MEMBER', null]) expect(await set(town, token, town.ann, role)).toBe('LastOwner');
  }
  expect(await set(town, town.ann.token, town.adam, 'OWNER')).toBe('SetMemberSuccess');
  expect(await set(town, town.ann.token, closed, null)).toBe('SetMemberSuccess');
  expect(await set(town, town.adam.token, town.ann, null)).toBe('SetMemberSuccess');
  expect(await set(town, town.adam.token, town.adam, null)).toBe('LastOwner');
});

test('members: of two OWNERs who remove each other at once, one stays', async () => {
  const town = await openTown();
  const { prisma } = town.gateway;
  await town.join(town.globex, town.eve, 'OWNER');
  const { answers } = await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Organization" FOR UPDATE`;
    const answers = [
      set(town, town.gus.token, town.eve, null, town.globex),
      set(town, town.eve.token, town.gus, null, town.globex),
    ];
    await waitUntilBlocked(prisma, 2);
    return { answers };
  });
  expect((await Promise.all(answers)).toSorted()).toEqual(['OrganizationNotFound', 'SetMemberSuccess']);
  expect(await prisma.membership.count({ where: { organizationId: town.globex, role: 'OWNER' } })).toBe(1);
});

test('members: an OWNER who is made a MEMBER while its request waits does not make itself OWNER again', async () => {
  const town = await openTown();
  const { prisma } = town.gateway;
  const where = { organizationId_accountId: { organizationId: town.acme, accountId: town.ann.id } };
  const { answer } = await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Organization" WHERE id = ${town.acme} FOR UPDATE`;
    await tx.membership.update({ where, data: { role: 'MEMBER' } });
    const answer = set(town, town.ann.token, town.ann, 'OWNER');
    await waitUntilBlocked(prisma);
    return { answer };
  });
  expect(await answer).toBe('FORBIDDEN');
  expect(await prisma.membership.findUnique({ where })).toMatchObject({ role: 'MEMBER' });
});

test('members: setting the current role succeeds and records no event', async () => {
  const town = await openTown();
  const countChanges = () => town.gateway.prisma.event.count({ where: { type: 'ORGANIZATION_MEMBER_CHANGED' } });
  expect(await set(town, town.ann.token, town.mia, 'MEMBER')).toBe('SetMemberSuccess');
  expect(await set(town, town.ann.token, town.eve, null)).toBe('SetMemberSuccess');
  expect(await countChanges()).toBe(0);
  expect(await set(town, town.ann.token, town.mia, 'ADMIN')).toBe('SetMemberSuccess');
  expect(await countChanges()).toBe(1);
  const event = await town.gateway.prisma.event.findFirst({ where: { type: 'ORGANIZATION_MEMBER_CHANGED' } });
  expect(event).toMatchObject({
    ownerId: town.acme,
    actorId: town.ann.id,
    data: { accountId: town.mia.id, from: 'MEMBER', to: 'ADMIN' },
  });
});

test('members: an unknown or disabled account cannot be added', async () => {
  const town = await openTown();
  const { clock, services, prisma } = town.gateway;
  const unknownAccount = { id: newId('account', clock.now(), services.random), token: '' };
  await prisma.account.update({ where: { id: town.eve.id }, data: { disabledAt: clock.now() } });
  for (const subject of [unknownAccount, town.eve, { id: town.acme, token: '' }]) {
    expect(await set(town, town.admin.token, subject, 'MEMBER')).toBe('AccountNotFound');
  }
  expect(await set(town, town.ann.token, { id: town.acme, token: '' }, 'MEMBER')).toBe('AccountNotFound');
});

const INVITE = /* GraphQL */ `
  mutation ($input: SetMemberInput!) {
    setMember(input: $input) {
      ... on SetMemberSuccess {
        isInvited
        organization {
          members {
            account {
              name
            }
          }
          invitations {
            role
            invitedBy
          }
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`;
const MINE =
  '{ viewer { ... on Account { membershipInvitations { organizationId organizationName role invitedBy } } } }';

test('members: an account that is added is invited, and becomes a member by its own request', async () => {
  const town = await openTown();
  const { prisma } = town.gateway;
  expect(await set(town, town.eve.token, town.eve, 'ADMIN')).toBe('OrganizationNotFound');
  expect(await set(town, town.ann.token, town.eve, 'ADMIN')).toBe('SetMemberSuccess');
  const memberships = () => prisma.membership.count({ where: { accountId: town.eve.id } });
  expect(await memberships()).toBe(0);
  const organization = (
    await town.gateway.ask('query ($id: ID!) { organization(id: $id) { name } }', { id: town.acme }, town.eve.token)
  ).data;
  expect(organization).toEqual({ organization: null });

  const invited = { organizationId: town.acme, organizationName: 'Acme', role: 'ADMIN', invitedBy: 'Ann' };
  const mine = async ({ token }: Person) =>
    (await town.gateway.ask(MINE, {}, token)).data['viewer'].membershipInvitations;
  expect(await mine(town.eve)).toEqual([invited]);
  expect(await mine(town.olga)).toEqual([]);
  // Neither another role nor somebody else’s invitation.
  expect(await set(town, town.eve.token, town.eve, 'OWNER')).toBe('FORBIDDEN');
  expect(await set(town, town.olga.token, town.olga, 'ADMIN')).toBe('OrganizationNotFound');
  expect(await set(town, town.olga.token, town.eve, 'ADMIN')).toBe('OrganizationNotFound');
  expect(await set(town, town.eve.token, town.eve, 'ADMIN')).toBe('SetMemberSuccess');
  expect([await memberships(), await mine(town.eve)]).toEqual([1, []]);
  const events = await prisma.event.findMany({ where: { ownerId: town.acme }, orderBy: { position: 'asc' } });
  expect(events.map(({ type, actorId }) => [type, actorId])).toEqual([
    ['ACCOUNT_INVITED', town.ann.id],
    ['ORGANIZATION_MEMBER_CHANGED', town.eve.id],
  ]);
});

test('members: the response to an invitation is the same for every id, whether an account has it or not', async () => {
  const town = await openTown();
  const { clock, services, prisma } = town.gateway;
  await prisma.account.update({ where: { id: town.olga.id }, data: { disabledAt: clock.now() } });
  const unknown = newId('account', clock.now(), services.random);
  for (const role of ['MEMBER', null, 'OWNER', 'ADMIN']) {
    const answers = [];
    for (const accountId of [town.eve.id, town.olga.id, unknown]) {
      const globex = { organizationId: town.globex, accountId, role };
      const ask = async () => {
        const { data, errors } = await town.gateway.ask(INVITE, { input: globex }, town.gus.token);
        return { data, errors };
      };
      answers.push(await ask());
      const again = await ask();
      expect(again).toEqual(answers.at(-1));
      const withdrawn = { ...globex, role: null };
      await town.gateway.ask(INVITE, { input: withdrawn }, town.gus.token);
    }
    expect(answers[0]!.data['setMember']).toMatchObject({ isInvited: role !== null });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  }
});

test('members: an invitation can be declined and withdrawn, expires after 7 days, and ends with its inviter’s right', async () => {
  const town = await openTown();
  const { prisma, clock } = town.gateway;
  const invite = () => set(town, town.adam.token, town.eve, 'MEMBER');
  const accept = async () => set(town, (await town.signInAgain(town.eve)).token, town.eve, 'MEMBER');
  await invite();
  expect(await set(town, town.eve.token, town.eve, null)).toBe('SetMemberSuccess');
  expect(await accept()).toBe('OrganizationNotFound');
  await invite();
  expect(await set(town, town.ann.token, town.eve, null)).toBe('SetMemberSuccess');
  expect(await accept()).toBe('OrganizationNotFound');
  await invite();
  await set(town, town.ann.token, town.adam, 'MEMBER');
  expect(await accept()).toBe('OrganizationNotFound');
  await set(town, town.ann.token, town.adam, 'ADMIN');
  clock.advance(7 * 86_400_000);
  expect(await accept()).toBe('OrganizationNotFound');
  const adam = await town.signInAgain(town.adam);
  expect(await set(town, adam.token, town.eve, 'MEMBER')).toBe('SetMemberSuccess');
  expect(await accept()).toBe('SetMemberSuccess');
  expect(await prisma.membershipInvitation.count()).toBe(0);
});

test('members: the issuer of an organization’s key manages it while a member', async () => {
  const town = await openTown();
  const { id: keyId } = await town.issue(town.mia.token, { owner: town.acme });
  const HOLD = 'mutation ($input: HoldKeyInput!) { holdKey(input: $input) { __typename } }';
  const hold = async ({ token }: Person) => {
    const { data, errors } = await town.gateway.ask(HOLD, { input: { keyId, reason: 'an incident' } }, token);
    return errors?.[0]?.extensions['code'] ?? data['holdKey'].__typename;
  };
  expect([await hold(town.max), await hold(town.mia)]).toEqual(['FORBIDDEN', 'HoldKeySuccess']);
  await set(town, town.ann.token, town.mia, null);
  expect(await hold(town.mia)).toBe('KeyNotFound');
});

/** What setting a member of Acme was answered with: the type, or the code of an error. */
async function set(
  town: Town,
  token: string,
  { id }: Person,
  role: string | null,
  organizationId = town.acme,
): Promise<string> {
  const { data, errors } = await town.gateway.ask(SET, { input: { organizationId, accountId: id, role } }, token);
  return errors?.[0]?.extensions['code'] ?? data['setMember'].__typename;
}

test('organization: those who manage it give it another name, and no one else; its event has both', async () => {
  const town = await openTown();
  const { gateway, acme, ann, mia, eve, admin } = town;
  const RENAME = `mutation ($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    __typename ... on RenameOrganizationSuccess { organization { id name } } } }`;
  const rename = async ({ token }: { readonly token: string }, name: string) => {
    const { data, errors } = await gateway.ask(RENAME, { input: { organizationId: acme, name } }, token);
    return errors?.[0]?.extensions['code'] ?? data['renameOrganization'];
  };
  expect(await rename(mia, 'Acme of Mia')).toBe('FORBIDDEN');
  expect(await rename(eve, 'Acme of Eve')).toEqual({ __typename: 'OrganizationNotFound' });
  expect(await rename(ann, 'Acme & Co')).toMatchObject({ organization: { id: acme, name: 'Acme & Co' } });
  expect(await rename(admin, 'Acme & Co')).toMatchObject({ organization: { name: 'Acme & Co' } });
  expect(await rename(admin, 'Initech')).toMatchObject({ organization: { name: 'Initech' } });
  const events = await gateway.prisma.event.findMany({
    where: { ownerId: acme, type: 'ORGANIZATION_RENAMED' },
    orderBy: { at: 'asc' },
  });
  expect(events.map(({ actorId, data }) => [actorId, data])).toEqual([
    [ann.id, { before: { name: 'Acme' }, after: { name: 'Acme & Co' } }],
    [admin.id, { before: { name: 'Acme & Co' }, after: { name: 'Initech' } }],
  ]);
});
