import { always, nullable, optional, recorded } from './event-field.ts';
import { beforeAndAfter, changedType, role } from './shared-event-fields.ts';

const accountId = always('id', 'The account of the member.');
const keptSessionId = nullable('id', 'The session that stays open. Null: all sessions of the account ended.');

const changedAccount = changedType('Account', 'an account', {
  name: optional('text', 'The name of the account.'),
  noticesByMail: optional('boolean', 'Whether notices are sent to the email address of the account.'),
  isAdministrator: optional('boolean', 'Whether the account administers the gateway.'),
});

const changedOrganization = changedType('Organization', 'an organization', {
  name: optional('text', 'The name of the organization.'),
});

const changedMember = changedType('Member', 'a member of an organization', {
  role: optional(role, 'The role of the member. Null: the account is not a member.'),
});

/** The fields of `data` of the events of accounts and organizations. */
export const accountEventFields = {
  ACCOUNT_SIGNED_IN: {
    sessionId: always('id', 'The session that was opened.'),
    deviceId: optional('id', 'The device that was confirmed. Null: the session was opened without a device.'),
    deviceName: optional(
      'text',
      'The name that the device gave itself. Null: the session was opened without a device.',
    ),
  },
  ACCOUNT_SIGNED_OUT: { sessionId: always('id', 'The session that ended.') },
  DEVICE_REFUSED: {
    deviceId: recorded('id', 'The device that was refused.'),
    deviceName: recorded('text', 'The name that the device gave itself.'),
  },
  ACCOUNT_PASSWORD_CHANGED: { keptSessionId },
  ACCOUNT_INVITED: {
    invitationId: recorded('id', 'The invitation that was sent.'),
    role: nullable(
      role,
      'The role that the account will have in the organization. Null: the account joins no organization.',
    ),
  },
  ACCOUNT_INVITATION_WITHDRAWN: { invitationId: recorded('id', 'The invitation that was withdrawn.') },
  ACCOUNT_CREATED: {
    invitationId: optional('id', 'The invitation that was accepted. Null: the first start created the account.'),
    organizationId: optional('id', 'The organization that the account joined. Null: the account joined none.'),
    role: optional(role, 'The role of the account in the organization. Null: the account joined no organization.'),
  },
  ACCOUNT_UPDATED: {
    noticesByMail: recorded('boolean', 'Whether notices are sent to the email address of the account.'),
    ...beforeAndAfter(changedAccount),
  },
  ACCOUNT_DISABLED: {
    keyCount: always('integer', 'How many keys of the account have not ended. They stay as they are.'),
  },
  ACCOUNT_ENABLED: { keyCount: always('integer', 'How many keys of the account have not ended.') },
  ACCOUNT_ADMINISTRATOR_CHANGED: {
    isAdministrator: recorded('boolean', 'Whether the account administers the gateway.'),
    ...beforeAndAfter(changedAccount),
  },
  ORGANIZATION_CREATED: { accountId, role: recorded(role, 'The role of the founder.') },
  ORGANIZATION_RENAMED: beforeAndAfter(changedOrganization),
  ORGANIZATION_MEMBER_CHANGED: {
    accountId,
    from: nullable(role, 'The role before. Null: the account was not a member.'),
    to: nullable(role, 'The role now. Null: the account is not a member any more.'),
    hasOwner: always('boolean', 'Whether the organization has an OWNER whose account is not disabled.'),
    ...beforeAndAfter(changedMember),
  },
} as const;
