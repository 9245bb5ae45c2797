import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';
import { mutate, setMember } from '../support/issue.ts';
import { ISSUE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { openTown, PUSH, type Person, type Town } from '../support/town.ts';

const DISABLE = /* GraphQL */ `
  mutation ($input: DisableAccountInput!) {
    disableAccount(input: $input) {
      __typename
      ... on DisableAccountSuccess {
        account {
          id
          disabledAt
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

test('disable: the account’s sessions end at once, and it cannot sign in', async () => {
  const town = await openTown();
  const { gateway } = town;
  const pia = await gateway.person('pia');
  const another = await gateway.session(pia.id);
  const { data } = await gateway.ask(DISABLE, { input: { accountId: pia.id, reason: 'left' } }, town.admin.token);
  const disabledAt = gateway.clock.now().toISOString();
  expect(data['disableAccount']).toMatchObject({ account: { id: pia.id, disabledAt } });
  for (const token of [pia.token, another]) {
    const { errors } = await gateway.ask('{ viewer { __typename } }', {}, token);
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', outcome: 'ACCOUNT_DISABLED' } }]);
  }
  expect(await gateway.prisma.session.count({ where: { accountId: pia.id, endedAt: null } })).toBe(0);
  const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
  const input = { email: 'pia@example.com', password: 'the password of pia' };
  expect((await gateway.ask(SIGN_IN, { input })).data['signIn'].__typename).toBe('InvalidCredentials');
  const [event] = await gateway.prisma.event.findMany({ where: { type: 'ACCOUNT_DISABLED' } });
  expect(event).toMatchObject({ ownerId: pia.id, actorId: town.admin.id, reason: 'left' });
});

test('disable: the account’s keys keep working, and it gets no new keys', async () => {
  const town = await openTown();
  const { gateway } = town;
  const verifies = { action: 'keytide:verify', resource: '**' };
  const verifier = await town.issue(town.admin.token, { scopes: [verifies] });
  const issuer = await town.issue(town.olga.token, { scopes: [PUSH, { action: 'keytide:issue', resource: '**' }] });
  await disable(town, town.admin, town.olga);
  const { data } = await gateway.ask(VERIFY_KEY, { input: { secret: issuer.secret } }, verifier.secret);
  expect(data['verifyKey'].outcome).toBe('VALID');
  const input = { realm: 'default', name: 'another', scopes: [PUSH] };
  for (const [credential, owner] of [
    [issuer.secret, null],
    [town.admin.token, town.olga.id],
  ] as const) {
    const { data: answer } = await gateway.ask(ISSUE_KEY, { input: { ...input, owner } }, credential);
    expect(answer['issueKey']).toEqual({
      __typename: 'OwnerNotActive',
      code: 'OWNER_NOT_ACTIVE',
      message: 'The owner’s account is disabled. Choose an owner whose account is not disabled.',
      path: ['input', 'owner'],
    });
  }
});

test('disable: the event records how many keys of the account keep working', async () => {
  const town = await openTown();
  const { gateway } = town;
  const [, revoked, held] = [
    await town.issue(town.olga.token),
    await town.issue(town.olga.token),
    await town.issue(town.olga.token),
    await town.issue(town.olga.token, { lifetime: 'P1D' }),
    await town.issue(town.ann.token, { owner: town.acme }),
  ];
  await mutate(gateway, town.olga.token, 'revokeKey', { keyId: revoked.id, reason: 'gone' });
  await mutate(gateway, town.olga.token, 'holdKey', { keyId: held.id, reason: 'away' });
  // One has expired, though no review has recorded it.
  gateway.clock.advance(DAY_MS);
  const admin = await town.signInAgain(town.admin);
  expect(await disable(town, admin, town.olga)).toBe('DisableAccountSuccess');
  expect(await disable(town, admin, town.ann)).toBe('DisableAccountSuccess');
  const events = await gateway.prisma.event.findMany({
    where: { type: 'ACCOUNT_DISABLED' },
    orderBy: { position: 'asc' },
  });
  expect(events.map(({ data }) => data)).toEqual([{ keyCount: 2 }, { keyCount: 0 }]);
});

test('disable: an event records that an organization has no open OWNER left, and an administrator can add one', async () => {
  const town = await openTown();
  const { gateway } = town;
  await town.join(town.globex, town.ann, 'OWNER');
  const events = async () => {
    const events = await gateway.prisma.event.findMany({
      where: { type: 'ORGANIZATION_MEMBER_CHANGED' },
      orderBy: { position: 'asc' },
    });
    return events.map(({ ownerId, reason, data }) => ({ ownerId, reason, ...(data as object) }));
  };
  await disable(town, town.admin, town.max);
  expect(await events()).toEqual([]);
  await disable(town, town.admin, town.ann);
  const without = (ownerId: string, { id: accountId }: Person) => ({
    ownerId,
    reason: 'left',
    accountId,
    from: 'OWNER',
    to: 'OWNER',
    before: { role: 'OWNER' },
    after: { role: 'OWNER' },
    hasOwner: false,
  });
  expect(await events()).toEqual([without(town.acme, town.ann)]);
  await disable(town, town.admin, town.gus);
  expect(await events()).toEqual([without(town.acme, town.ann), without(town.globex, town.gus)]);
  await setMember(gateway, town.admin.token, { organizationId: town.acme, accountId: town.mia.id, role: 'OWNER' });
  expect((await events()).at(-1)).toMatchObject({
    accountId: town.mia.id,
    from: 'MEMBER',
    to: 'OWNER',
    hasOwner: true,
  });
});

test('disable: of two OWNERs disabled at once, the second leaves the organization without one, recorded once', async () => {
  const town = await openTown();
  const { prisma } = town.gateway;
  await town.join(town.globex, town.ann, 'OWNER');
  const { answers } = await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Organization" WHERE id = ${town.globex} FOR UPDATE`;
    const answers = [disable(town, town.admin, town.ann), disable(town, town.admin, town.gus)];
    await waitUntilBlocked(prisma, 2);
    return { answers };
  });
  expect(await Promise.all(answers)).toEqual(['DisableAccountSuccess', 'DisableAccountSuccess']);
  const where = { type: 'ORGANIZATION_MEMBER_CHANGED', ownerId: town.globex };
  expect(await prisma.event.count({ where })).toBe(1);
});

test('disable: only administrators may, and a refusal does not reveal which accounts exist', async () => {
  const town = await openTown();
  const { secret } = await town.issue(town.olga.token);
  const unknownId = newId('account', town.gateway.clock.now(), town.gateway.services.random);
  for (const credential of [town.olga.token, town.ann.token, secret]) {
    for (const accountId of [town.olga.id, town.mia.id, unknownId]) {
      const { errors } = await town.gateway.ask(DISABLE, { input: { accountId, reason: 'because' } }, credential);
      expect(errors).toMatchObject([
        { message: 'Only administrators can disable accounts.', extensions: { code: 'FORBIDDEN' } },
      ]);
    }
  }
  for (const accountId of [unknownId, town.acme, 'nobody']) {
    const { data } = await town.gateway.ask(DISABLE, { input: { accountId, reason: 'because' } }, town.admin.token);
    expect(data['disableAccount']).toEqual({
      __typename: 'AccountNotFound',
      code: 'ACCOUNT_NOT_FOUND',
      message: 'No account has this id. Check the id.',
      path: ['input', 'accountId'],
    });
  }
});

test('disable: the last administrator cannot be disabled', async () => {
  const town = await openTown();
  expect(await disable(town, town.admin, town.admin)).toBe('LastAdministrator');
  await makeAdministrator(town, town.olga);
  expect(await disable(town, town.admin, town.admin)).toBe('DisableAccountSuccess');
  expect(await disable(town, town.olga, town.olga)).toBe('LastAdministrator');
});

test('disable: of two administrators who disable each other at once, one stays', async () => {
  const town = await openTown();
  const { prisma } = town.gateway;
  await makeAdministrator(town, town.olga);
  const { answers } = await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Account" WHERE "isAdministrator" FOR UPDATE`;
    const answers = [disable(town, town.admin, town.olga), disable(town, town.olga, town.admin)];
    await waitUntilBlocked(prisma, 2);
    return { answers };
  });
  expect((await Promise.all(answers)).toSorted()).toEqual(['DisableAccountSuccess', 'UNAUTHENTICATED']);
  expect(await prisma.account.count({ where: { isAdministrator: true, disabledAt: null } })).toBe(1);
});

test('disable: disabling an account twice is one change', async () => {
  const town = await openTown();
  await disable(town, town.admin, town.olga);
  const before = await town.gateway.prisma.account.findUnique({ where: { id: town.olga.id } });
  town.gateway.clock.advance(1_000);
  expect(await disable(town, town.admin, town.olga)).toBe('DisableAccountSuccess');
  expect(await town.gateway.prisma.account.findUnique({ where: { id: town.olga.id } })).toEqual(before);
  expect(await town.gateway.prisma.event.count({ where: { type: 'ACCOUNT_DISABLED' } })).toBe(1);
});

async function makeAdministrator({ gateway }: Town, { id }: Person): Promise<void> {
  await gateway.prisma.account.update({ where: { id }, data: { isAdministrator: true } });
}

/** The type of the answer, or the code of an error: a request that comes too late was not signed in any more. */
async function disable({ gateway }: Town, { token }: Person, { id: accountId }: Person): Promise<string> {
  const { data, errors } = await gateway.ask(DISABLE, { input: { accountId, reason: 'left' } }, token);
  return errors?.[0]?.extensions['code'] ?? data['disableAccount'].__typename;
}
