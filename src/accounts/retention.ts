import { DAY_MS } from '../domain/duration.ts';
import { retainForEver, type RetentionByTable, type RetentionRule } from '../store/retention-rule.ts';

/** For investigations. */
const ENDED_RETENTION_MS = 30 * DAY_MS;

export const sessionRule: RetentionRule = {
  rows: 'all, also sessions that were ended earlier',
  retentionMs: ENDED_RETENTION_MS,
  from: 'the session’s expiry',
  why: 'An investigation may need to know who was signed in. The session token is refused from its expiry on.',
  remove: async (tx, before, limit) =>
    (await tx.session.deleteMany({ where: { expiresAt: { lte: before } }, limit })).count,
};

export const invitationRule: RetentionRule = {
  rows: 'invitations that were not accepted',
  retentionMs: ENDED_RETENTION_MS,
  from: 'the invitation’s expiry',
  why: 'An investigation may need to know who was invited. The token is refused from its expiry on.',
  remove: async (tx, before, limit) =>
    (await tx.invitation.deleteMany({ where: { expiresAt: { lte: before }, acceptedAt: null }, limit })).count,
};

export const membershipInvitationRule: RetentionRule = {
  rows: 'all that were neither accepted nor declined',
  retentionMs: ENDED_RETENTION_MS,
  from: 'the invitation’s expiry',
  why: 'An investigation may need to know who was invited. It cannot be accepted from its expiry on.',
  remove: async (tx, before, limit) =>
    (await tx.membershipInvitation.deleteMany({ where: { expiresAt: { lte: before } }, limit })).count,
};

export const accountRetention = {
  Account: retainForEver('Keys, events and organizations name the account. An account is disabled, not deleted.'),
  Organization: retainForEver('Keys and events name the organization.'),
  Membership: [
    {
      rows: 'all',
      until: 'until the member is removed',
      why: 'The role in force. The log has the earlier roles.',
    },
  ],
  Invitation: [
    invitationRule,
    { rows: 'accepted invitations', until: 'for ever', why: 'They show who invited an account.' },
  ],
  MembershipInvitation: [membershipInvitationRule],
  Session: [sessionRule],
  SigningKey: [
    {
      rows: 'all',
      until: 'until every session token that the key signed has expired',
      why: 'It verifies session tokens. The node that creates the next key deletes it.',
    },
  ],
} satisfies RetentionByTable;
