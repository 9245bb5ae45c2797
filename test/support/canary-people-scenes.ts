import { unknownAccountId, unknownOrganizationId, reason, inviteGuest, type Scene } from './canary-stage.ts';
import { ADMIN } from './first-node.ts';

/** The same for the mutations of people, organizations and realms. */
export const peopleScenes: readonly Scene[] = [
  ['signIn', 'SignInSuccess', () => ({ input: ADMIN, credential: null })],
  [
    'signIn',
    'InvalidCredentials',
    ({ canary }) => ({
      input: { email: ADMIN.email, password: canary.text('password') },
      credential: null,
    }),
  ],
  [
    'inviteAccount',
    'InviteAccountSuccess',
    ({ world }) => ({ input: { email: `${world.name('guest')}@example.com` } }),
  ],
  ['inviteAccount', 'EmailTaken', () => ({ input: { email: ADMIN.email } })],
  [
    'inviteAccount',
    'OrganizationNotFound',
    () => ({
      input: { email: 'guest@example.com', organization: unknownOrganizationId, role: 'MEMBER' },
    }),
  ],
  [
    'acceptInvitation',
    'AcceptInvitationSuccess',
    async (stage) => ({
      input: { token: await inviteGuest(stage), name: 'Guest', password: stage.canary.text('password') },
      credential: null,
    }),
  ],
  [
    'acceptInvitation',
    'InvitationNotFound',
    ({ canary }) => ({
      input: { token: canary.text('token'), name: 'Guest', password: canary.text('password') },
      credential: null,
    }),
  ],
  [
    'acceptInvitation',
    'PasswordNotAllowed',
    async (stage) => ({
      input: { token: await inviteGuest(stage), name: 'Guest', password: 'KTCANARY' },
      credential: null,
    }),
  ],
  [
    'acceptInvitation',
    'EmailTaken',
    async (stage) => {
      const email = `${stage.world.name('guest')}@example.com`;
      const [token, other] = [await inviteGuest(stage, email), await inviteGuest(stage, email)];
      const account = { name: 'Guest', password: stage.canary.text('password') };
      await stage.world.mutate('acceptInvitation', { token, ...account }, 'account { id }', null);
      return { input: { token: other, ...account }, credential: null };
    },
  ],
  [
    'changePassword',
    'ChangePasswordSuccess',
    async ({ gateway, world, canary }) => {
      const name = world.name('person');
      const { token } = await gateway.person(name);
      const newPassword = canary.text('new password');
      return { input: { currentPassword: `the password of ${name}`, newPassword }, credential: token };
    },
  ],
  [
    'changePassword',
    'InvalidCredentials',
    ({ canary }) => ({
      input: { currentPassword: canary.text('password'), newPassword: canary.text('new password') },
    }),
  ],
  [
    'changePassword',
    'PasswordNotAllowed',
    () => ({
      input: { currentPassword: ADMIN.password, newPassword: 'KTCANARY' },
    }),
  ],
  ['confirmDevice', 'ConfirmDeviceSuccess', async ({ world }) => ({ input: { userCode: await world.userCode() } })],
  ['confirmDevice', 'DeviceNotFound', () => ({ input: { userCode: 'BBBB-BBBB' } })],
  ['refuseDevice', 'RefuseDeviceSuccess', async ({ world }) => ({ input: { userCode: await world.userCode() } })],
  ['refuseDevice', 'DeviceNotFound', () => ({ input: { userCode: 'BBBB-BBBB' } })],
  ['updateAccount', 'UpdateAccountSuccess', () => ({ input: { noticesByMail: true } })],
  [
    'disableAccount',
    'DisableAccountSuccess',
    async ({ gateway, world }) => ({
      input: { accountId: (await gateway.person(world.name('person'))).id, reason },
    }),
  ],
  ['disableAccount', 'AccountNotFound', () => ({ input: { accountId: unknownAccountId, reason } })],
  [
    'disableAccount',
    'LastAdministrator',
    async ({ gateway }) => {
      const { id } = await gateway.prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
      return { input: { accountId: id, reason } };
    },
  ],
  [
    'endSessions',
    'EndSessionsSuccess',
    async ({ gateway, world }) => ({ input: { accountId: (await gateway.person(world.name('person'))).id } }),
  ],
  ['endSessions', 'AccountNotFound', () => ({ input: { accountId: unknownAccountId } })],
  [
    'setAdministrator',
    'SetAdministratorSuccess',
    async ({ gateway, world }) => ({
      input: { accountId: (await gateway.person(world.name('person'))).id, administrator: true, reason },
    }),
  ],
  [
    'setAdministrator',
    'AccountNotFound',
    () => ({ input: { accountId: unknownAccountId, administrator: true, reason } }),
  ],
  [
    'setAdministrator',
    'LastAdministrator',
    async ({ gateway }) => {
      const others = { isAdministrator: true, email: { not: ADMIN.email } };
      await gateway.prisma.account.updateMany({ where: others, data: { isAdministrator: false } });
      const { id } = await gateway.prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
      return { input: { accountId: id, administrator: false, reason } };
    },
  ],
  [
    'withdrawInvitation',
    'WithdrawInvitationSuccess',
    async (stage) => {
      const email = `${stage.world.name('guest')}@example.com`;
      await inviteGuest(stage, email);
      const { id } = await stage.gateway.prisma.invitation.findFirstOrThrow({ where: { email } });
      return { input: { invitationId: id } };
    },
  ],
  [
    'withdrawInvitation',
    'InvitationNotFound',
    () => ({ input: { invitationId: 'invitation_00000000000000000000000000' } }),
  ],

  ['createOrganization', 'CreateOrganizationSuccess', () => ({ input: { name: 'group' } })],
  [
    'renameOrganization',
    'RenameOrganizationSuccess',
    async ({ world }) => ({ input: { organizationId: await world.organization(), name: 'another group' } }),
  ],
  [
    'renameOrganization',
    'OrganizationNotFound',
    () => ({ input: { organizationId: 'organization_00000000000000000000000000', name: 'another group' } }),
  ],
  [
    'setMember',
    'SetMemberSuccess',
    async ({ gateway, world }) => ({
      input: {
        organizationId: await world.organization(),
        accountId: (await gateway.person(world.name('person'))).id,
        role: 'ADMIN',
      },
    }),
  ],
  [
    'setMember',
    'AccountNotFound',
    async ({ world }) => ({
      input: { organizationId: await world.organization(), accountId: unknownAccountId, role: 'ADMIN' },
    }),
  ],
  [
    'setMember',
    'OrganizationNotFound',
    () => ({ input: { organizationId: unknownOrganizationId, accountId: unknownAccountId, role: 'ADMIN' } }),
  ],
  [
    'setMember',
    'LastOwner',
    async ({ gateway, world }) => {
      const { id } = await gateway.prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
      return { input: { organizationId: await world.organization(), accountId: id, role: null } };
    },
  ],
  ['createRealm', 'CreateRealmSuccess', ({ world }) => ({ input: { slug: world.name('realm'), name: 'Realm' } })],
  ['createRealm', 'RealmExists', () => ({ input: { slug: 'default', name: 'Default' } })],
  [
    'createRealm',
    'SecretPrefixTaken',
    async ({ world }) => {
      const [first, second] = [world.name('realm'), world.name('realm')];
      await world.mutate('createRealm', { slug: first, name: first, secretPrefix: 'canary_a_' }, 'realm { id }');
      return { input: { slug: second, name: second, secretPrefix: 'canary_a_' } };
    },
  ],
  [
    'updateRealm',
    'UpdateRealmSuccess',
    async ({ world }) => ({ input: { realm: await world.realm(), name: 'Other' } }),
  ],
  [
    'updateRealm',
    'SecretPrefixTaken',
    async ({ world }) => {
      const taken = world.name('realm');
      await world.mutate('createRealm', { slug: taken, name: taken, secretPrefix: 'canary_b_' }, 'realm { id }');
      return { input: { realm: await world.realm(), secretPrefix: 'canary_b_' } };
    },
  ],
  [
    'updateRealm',
    'RealmChanged',
    async ({ world }) => ({ input: { realm: await world.realm(), name: 'Other', settingsVersion: 'of another time' } }),
  ],
  ['updateRealm', 'RealmNotFound', () => ({ input: { realm: 'nowhere', name: 'Other' } })],
  [
    'defineAction',
    'DefineActionSuccess',
    async ({ world }) => ({
      input: { realm: await world.realm(), name: 'a:b', description: 'c' },
    }),
  ],
  ['defineAction', 'ActionExists', () => ({ input: { realm: 'default', name: 'package:push', description: 'c' } })],
  ['defineAction', 'RealmNotFound', () => ({ input: { realm: 'nowhere', name: 'a:b', description: 'c' } })],
  [
    'retireAction',
    'RetireActionSuccess',
    async ({ world }) => {
      const realm = await world.realm();
      await world.mutate('defineAction', { realm, name: 'a:b', description: 'c' }, 'realm { id }');
      return { input: { realm, name: 'a:b' } };
    },
  ],
  ['retireAction', 'ActionNotFound', () => ({ input: { realm: 'default', name: 'a:b' } })],
  ['retireAction', 'RealmNotFound', () => ({ input: { realm: 'nowhere', name: 'a:b' } })],
];
