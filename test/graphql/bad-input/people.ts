import { bad, forbidden, malformed, refusals, type Cases, type Refusal } from './case.ts';

const password = 'a good long password';
const accepted = { name: 'Nia', password };

const noDevice: Refusal = [
  'DEVICE_NOT_FOUND',
  'No device is waiting for this code: it is wrong, was used before, or has expired. Enter the code that the terminal shows. If it is older than 10 minutes, request a new one.',
  ['input', 'userCode'],
];

/** Whatever is to be done with a code. */
const anyUserCode: Cases[string] = {
  'a code that no device shows': [() => ({ userCode: 'BBBB-BBBB' }), noDevice],
  'who is no account': [
    () => ({ userCode: 'BBBB-BBBB' }),
    forbidden('Only a signed-in account can view, confirm and refuse devices. Sign in first.'),
    'aKey',
  ],
};

export const peopleCases: Cases = {
  signIn: {
    'a wrong password': [
      () => ({ email: 'admin@example.com', password: 'guess' }),
      [
        'INVALID_CREDENTIALS',
        'No account has this email and this password. Check the email address and the password.',
        null,
      ],
      'nobody',
    ],
    'no password': [() => ({ email: 'admin@example.com' }), malformed(), 'nobody'],
    'an idempotency key': [() => ({ email: 'a@b', password: 'x', idempotencyKey: 'x' }), malformed(), 'nobody'],
    'an email that is a list': [() => ({ email: ['admin@example.com'], password }), malformed(), 'nobody'],
  },
  updateAccount: {
    'what is no answer': [() => ({ noticesByMail: 'no' }), malformed(), 'ann'],
    'no name': [() => ({ name: '' }), bad('name', 'name has 0 characters; expected at least 1'), 'ann'],
    'of a key': [() => ({ noticesByMail: false }), forbidden('Only a signed-in account can update itself.'), 'aKey'],
    'of nobody': [
      () => ({ noticesByMail: false }),
      ['UNAUTHENTICATED', 'Sign in, or send the secret of a key: Authorization: Bearer <…>.', null],
      'nobody',
    ],
  },
  changePassword: {
    'a wrong password': [
      () => ({ currentPassword: 'guess', newPassword: password }),
      [
        'INVALID_CREDENTIALS',
        'The current password is wrong. Check it, or ask the operator of the gateway to reset the password.',
        ['input', 'currentPassword'],
      ],
      'admin',
    ],
    'a new one that is too short': [
      () => ({ currentPassword: password, newPassword: '12345678901' }),
      [
        'PASSWORD_NOT_ALLOWED',
        'The password has 11 characters; expected at least 12. Choose another password.',
        ['input', 'newPassword'],
      ],
      'admin',
    ],
    'a new one that is too long': [
      () => ({ currentPassword: password, newPassword: 'x'.repeat(1_025) }),
      [
        'PASSWORD_NOT_ALLOWED',
        'The password has 1025 bytes; expected at most 1024. Choose another password.',
        ['input', 'newPassword'],
      ],
      'admin',
    ],
    'a key': [
      () => ({ currentPassword: password, newPassword: password }),
      forbidden('Only a signed-in account has a password to change.'),
      'aKey',
    ],
    nobody: [
      () => ({ currentPassword: password, newPassword: password }),
      ['UNAUTHENTICATED', 'Sign in, or send the secret of a key: Authorization: Bearer <…>.', null],
      'nobody',
    ],
  },
  inviteAccount: {
    'what is no email': [() => ({ email: 'nia' }), refusals.noEmail, 'admin'],
    'no email': [() => ({ email: '' }), refusals.noEmail, 'admin'],
    'a line break in an email': [
      () => ({ email: 'nia@example.com\r\nBcc: eve@example.com' }),
      refusals.noEmail,
      'admin',
    ],
    'two emails': [() => ({ email: 'nia@example.com, eve@example.com' }), refusals.noEmail, 'admin'],
    'an email that is too long': [() => ({ email: `${'x'.repeat(243)}@example.com` }), refusals.noEmail, 'admin'],
    'an email that has an account': [
      () => ({ email: 'Olga@Example.com' }),
      [
        'EMAIL_TAKEN',
        'An account has this email already. No invitation is needed: the person can sign in.',
        ['input', 'email'],
      ],
      'admin',
    ],
    'a role in nothing': [
      () => ({ email: 'nia@example.com', role: 'MEMBER' }),
      bad(null, 'Found only one of organization and role; expected both or neither.'),
      'admin',
    ],
    'an organization without a role': [
      ({ acme }) => ({ email: 'nia@example.com', organization: acme }),
      bad(null, 'Found only one of organization and role; expected both or neither.'),
      'admin',
    ],
    'a role that there is not': [
      ({ acme }) => ({ email: 'nia@example.com', organization: acme, role: 'BOSS' }),
      malformed(),
      'admin',
    ],
    'an organization that is not there': [
      ({ missing }) => ({ email: 'nia@example.com', organization: missing.organization, role: 'MEMBER' }),
      [
        'ORGANIZATION_NOT_FOUND',
        'No organization that you can see has this id. Check the id, and that you are a member of the organization.',
        ['input', 'organization'],
      ],
      'admin',
    ],
    'another’s organization': [
      ({ globex }) => ({ email: 'nia@example.com', organization: globex, role: 'MEMBER' }),
      [
        'ORGANIZATION_NOT_FOUND',
        'No organization that you can see has this id. Check the id, and that you are a member of the organization.',
        ['input', 'organization'],
      ],
      'ann',
    ],
    'a member': [
      ({ acme }) => ({ email: 'nia@example.com', organization: acme, role: 'MEMBER' }),
      forbidden(
        'You may not invite accounts with the role MEMBER. Ask an OWNER of the organization, an ADMIN of the organization or an administrator of the gateway.',
      ),
      'mia',
    ],
    'who is not an administrator': [
      () => ({ email: 'nia@example.com' }),
      forbidden('You may not invite accounts without an organization. Ask an administrator of the gateway.'),
      'ann',
    ],
  },
  acceptInvitation: {
    'a token that there is not': [
      () => ({ ...accepted, token: 'kti_x' }),
      [
        'INVITATION_NOT_FOUND',
        'No open invitation has this token. Request a new invitation: each can be used once, within 7 days.',
        ['input', 'token'],
      ],
      'nobody',
    ],
    'a password that is too short': [
      ({ invitation }) => ({ ...accepted, token: invitation, password: 'short' }),
      [
        'PASSWORD_NOT_ALLOWED',
        'The password has 5 characters; expected at least 12. Choose another password.',
        ['input', 'password'],
      ],
      'nobody',
    ],
    'half a character in a password': [
      ({ invitation }) => ({ ...accepted, token: invitation, password: `${password}\ud83d` }),
      bad('password', 'password has half of a surrogate pair, U+D83D at character 21; expected well-formed Unicode'),
      'nobody',
    ],
    'an email that has an account by now': [
      ({ takenInvitation }) => ({ ...accepted, token: takenInvitation }),
      [
        'EMAIL_TAKEN',
        'An account has this email already. Sign in to the account with this email address.',
        ['input', 'token'],
      ],
      'nobody',
    ],
    'a line break in a name': [
      ({ invitation }) => ({ ...accepted, token: invitation, name: 'Nia\nAdministrator' }),
      bad('name', 'name has a control character, U+000A at character 4; none is accepted'),
      'nobody',
    ],
  },
  confirmDevice: {
    ...anyUserCode,
    'what cannot be a code': [() => ({ userCode: '' }), noDevice],
  },
  refuseDevice: anyUserCode,
  disableAccount: {
    'an account that is not there': [
      ({ missing }) => ({ accountId: missing.account, reason: 'left' }),
      ['ACCOUNT_NOT_FOUND', 'No account has this id. Check the id.', ['input', 'accountId']],
      'admin',
    ],
    'the last administrator': [
      ({ admin }) => ({ accountId: admin.id, reason: 'left' }),
      [
        'LAST_ADMINISTRATOR',
        'The last open administrator account cannot be disabled. Invite another administrator first.',
        ['input', 'accountId'],
      ],
      'admin',
    ],
    'no reason': [
      ({ eve }) => ({ accountId: eve.id, reason: '' }),
      bad('reason', 'reason has 0 characters; expected at least 1'),
      'admin',
    ],
    'who is not an administrator': [
      ({ ann }) => ({ accountId: ann.id, reason: 'left' }),
      forbidden('Only administrators can disable accounts.'),
      'ann',
    ],
  },
  endSessions: {
    'an account that is not there': [
      ({ missing }) => ({ accountId: missing.account }),
      ['ACCOUNT_NOT_FOUND', 'No account whose sessions you may end has this id. Check the id.', ['input', 'accountId']],
      'admin',
    ],
    'the account of another person': [
      ({ admin }) => ({ accountId: admin.id }),
      ['ACCOUNT_NOT_FOUND', 'No account whose sessions you may end has this id. Check the id.', ['input', 'accountId']],
      'ann',
    ],
    'a key': [() => ({}), forbidden('Only a signed-in account can end sessions.'), 'aKey'],
  },
  setAdministrator: {
    'an account that is not there': [
      ({ missing }) => ({ accountId: missing.account, administrator: true, reason: 'helps' }),
      ['ACCOUNT_NOT_FOUND', 'No open account has this id. Check the id.', ['input', 'accountId']],
      'admin',
    ],
    'the last administrator': [
      ({ admin }) => ({ accountId: admin.id, administrator: false, reason: 'left' }),
      [
        'LAST_ADMINISTRATOR',
        'The last open administrator account must stay one. Invite another administrator first.',
        ['input', 'administrator'],
      ],
      'admin',
    ],
    'no reason': [
      ({ eve }) => ({ accountId: eve.id, administrator: true, reason: '' }),
      bad('reason', 'reason has 0 characters; expected at least 1'),
      'admin',
    ],
    'who is not an administrator': [
      ({ ann }) => ({ accountId: ann.id, administrator: true, reason: 'I want to' }),
      forbidden('Only administrators can decide who is an administrator.'),
      'ann',
    ],
  },
  withdrawInvitation: {
    'an invitation that is not there': [
      () => ({ invitationId: 'invitation_00000000000000000000000000' }),
      [
        'INVITATION_NOT_FOUND',
        'No open invitation that you may withdraw has this id. It may have been accepted or withdrawn, or have expired: query invitations.',
        ['input', 'invitationId'],
      ],
      'admin',
    ],
  },
  createOrganization: {
    'no name': [() => ({ name: '' }), bad('name', 'name has 0 characters; expected at least 1'), 'eve'],
    'a name that is too long': [
      () => ({ name: 'x'.repeat(101) }),
      bad('name', 'name has 101 characters; at most 100 are accepted'),
      'eve',
    ],
    'a key': [() => ({ name: 'Initech' }), forbidden('Only accounts can create organizations.'), 'aKey'],
  },
  renameOrganization: {
    'no name': [
      ({ globex }) => ({ organizationId: globex, name: '' }),
      bad('name', 'name has 0 characters; expected at least 1'),
      'eve',
    ],
    'an organization that is not there': [
      ({ missing }) => ({ organizationId: missing.organization, name: 'Initech' }),
      refusals.organizationNotFound,
      'ann',
    ],
    'another’s organization': [
      ({ globex }) => ({ organizationId: globex, name: 'Initech' }),
      refusals.organizationNotFound,
      'ann',
    ],
    'an organization of the member’s own': [
      ({ acme }) => ({ organizationId: acme, name: 'Initech' }),
      forbidden(
        'You may not rename this organization. Ask an OWNER of the organization, an ADMIN of the organization or an administrator of the gateway.',
      ),
      'mia',
    ],
  },
  setMember: {
    'an organization that is not there': [
      ({ missing, eve }) => ({ organizationId: missing.organization, accountId: eve.id, role: 'MEMBER' }),
      refusals.organizationNotFound,
      'ann',
    ],
    'another’s organization': [
      ({ globex, ann }) => ({ organizationId: globex, accountId: ann.id, role: 'OWNER' }),
      refusals.organizationNotFound,
      'ann',
    ],
    'an account that is not there': [
      ({ acme, missing }) => ({ organizationId: acme, accountId: missing.account, role: 'MEMBER' }),
      ['ACCOUNT_NOT_FOUND', 'No open account has this id. Check the id.', ['input', 'accountId']],
      'admin',
    ],
    'the last OWNER': [
      ({ acme, ann }) => ({ organizationId: acme, accountId: ann.id, role: null }),
      [
        'LAST_OWNER',
        'The organization has no other OWNER with an open account. Give another member the role OWNER first.',
        ['input', 'role'],
      ],
      'ann',
    ],
    'a member': [
      ({ acme, eve }) => ({ organizationId: acme, accountId: eve.id, role: 'MEMBER' }),
      forbidden(
        'You may not change this member. Ask an OWNER of the organization, an ADMIN of the organization or an administrator of the gateway.',
      ),
      'mia',
    ],
    'a role that there is not': [
      ({ acme, eve }) => ({ organizationId: acme, accountId: eve.id, role: 'member' }),
      malformed(),
      'ann',
    ],
  },
};
