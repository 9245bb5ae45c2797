import { always, nullable, optional, recorded } from './event-field.ts';
import { beforeAndAfter, changedType, keyCount, role } from './shared-event-fields.ts';

const accountId = always('id', 'The account of the member.');
const keptSessionId = nullable('id', 'The session that stays open. Null: all sessions of the account ended.');

const changedAccount = changedType('Account', 'an account', {
  noticesByMail: optional('boolean', 'Whether notices are sent to the email address of the account.'),
});

const changedMember = changedType('Member', 'a member of an organization', {
  role: optional(role, 'The role of the member. Null: it is not a member.'),
});

/** The fields of `data` of the events of accounts and organizations. */
export const accountEventFields = {
  ACCOUNT_SIGNED_IN: {
    sessionId: always('id', 'The session that was opened.'),
    deviceId: optional('id', 'The device that was confirmed. Null: none was.'),
    deviceName: optional('text', 'The name that the device gave itself. Null: no device was confirmed.'),
  },
  ACCOUNT_SIGNED_OUT: { sessionId: always('id', 'The session that ended.') },
  DEVICE_REFUSED: {
    deviceId: recorded('id', 'The device that was refused.'),
    deviceName: recorded('text', 'The name that the device gave itself.'),
  },
  ACCOUNT_PASSWORD_CHANGED: { keptSessionId },
  ACCOUNT_INVITED: {
    invitationId: recorded('id', 'The invitation that was sent.'),
    role: nullable(role, 'The role that the account will have in the organization. Null: it joins none.'),
  },
  ACCOUNT_CREATED: {
    invitationId: optional('id', 'The invitation that was accepted. Null: the first start created the account.'),
    organizationId: optional('id', 'The organization that the account joined. Null: none.'),
    role: optional(role, 'The role of the account in the organization. Null: it joined none.'),
  },
  ACCOUNT_UPDATED: {
    noticesByMail: recorded('boolean', 'Whether notices are sent to the email address of the account.'),
    ...beforeAndAfter(changedAccount),
  },
  ACCOUNT_DISABLED: { keyCount },
  ORGANIZATION_CREATED: { accountId, role: recorded(role, 'The role of the founder.') },
  ORGANIZATION_MEMBER_CHANGED: {
    accountId,
    from: nullable(role, 'The role before. Null: it was not a member.'),
    to: nullable(role, 'The role now. Null: it is not a member.'),
    hasOwner: always('boolean', 'Whether the organization has an OWNER whose account is open.'),
    ...beforeAndAfter(changedMember),
  },
} as const;
