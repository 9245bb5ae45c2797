import { hash } from 'node:crypto';
import type { AccountCaller, Caller, Role } from '../domain/caller.ts';
import { DAY_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { addMs } from '../domain/key.ts';
import { describeWhoMay, may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import { Sensitive } from '../domain/sensitive.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { checkEmail } from '../domain/check-email.ts';
import { visibleAccounts } from './visible-accounts.ts';

/** Lifetime of an invitation. */
const INVITATION_MS = 7 * DAY_MS;

/** Prefix of an invitation's token. */
const TOKEN_PREFIX = 'kti_';

export interface InviteAccountInput {
  readonly email: string;
  readonly isAdministrator: boolean;
  /** The organization that the account will join, with this role. */
  readonly organizationId?: string | null;
  readonly role?: Role | null;
}

export type InviteAccountResult = {
  readonly invitationId: string;
  readonly expiresAt: Date;
  readonly delivery: Delivery;
};

/**
 * Creates an invitation with a one-time token, which the recipient exchanges for an account. The inviter delivers the
 * token.
 */
export const inviteAccount = useCase<InviteAccountInput, { readonly email: string }, InviteAccountResult>()({
  name: 'inviteAccount',

  async authorize({ tx }, caller, input) {
    const email = checkEmail(input.email);
    const { organizationId, role } = input;
    if ((organizationId == null) !== (role == null))
      throw badUserInput('Found only one of organization and role; expected both or neither.', ['input']);
    if (organizationId != null) {
      const organization = await tx.organization.findUnique({ where: { id: organizationId } });
      if (organization === null || !may(caller, 'organization.read', { ownerId: organizationId })) {
        return fail('OrganizationNotFound', 'No organization that you can see has this id.', {
          path: ['input', 'organization'],
        });
      }
    }
    if (!mayInvite(caller, input)) throw forbidden(explainRefusal(input));
    return { email };
  },

  async run({ core, tx, record, now }, caller, input, { email }) {
    if (caller.kind !== 'ACCOUNT') throw forbidden('Only accounts can invite accounts.');
    // A caller who may not see the account must not learn of it, and gets an invitation that cannot be accepted.
    if ((await tx.account.findUnique({ where: { email, AND: [visibleAccounts(caller)] } })) !== null) {
      return fail('EmailTaken', 'An account has this email already.', {
        path: ['input', 'email'],
        remedy:
          input.organizationId == null
            ? 'No invitation is needed: the person can sign in.'
            : 'Invite the account to the organization with setMember.',
      });
    }
    const at = now();
    const id = newId('invitation', at, core.random);
    const token = new Sensitive(TOKEN_PREFIX + Buffer.from(core.random(32)).toString('base64url'));
    const expiresAt = addMs(at, INVITATION_MS);
    await tx.invitation.create({
      data: {
        id,
        digest: invitationDigest(token),
        email,
        isAdministrator: input.isAdministrator,
        organizationId: input.organizationId ?? null,
        role: input.role ?? null,
        invitedById: caller.id,
        createdAt: at,
        expiresAt,
      },
    });
    const ownerId = input.organizationId ?? caller.id;
    record({
      type: 'ACCOUNT_INVITED',
      at,
      ownerId,
      actor: actorOf(caller),
      data: { invitationId: id, role: input.role ?? null },
    });
    return { invitationId: id, expiresAt, delivery: { of: id, text: token } };
  },
});

/** Returns whether a caller may invite such an account. Checked at the invitation, and again when it is accepted. */
export function mayInvite(
  caller: Caller,
  { isAdministrator, organizationId, role }: Omit<InviteAccountInput, 'email'>,
): boolean {
  if (isAdministrator && !may(caller, 'account.inviteAdministrator', {})) return false;
  if (organizationId == null) return may(caller, 'account.invite', {});
  const requiredPermission = role === 'OWNER' ? 'organization.grantOwner' : 'organization.manage';
  return may(caller, requiredPermission, { ownerId: organizationId });
}

/** Returns an account as a caller, to check what it may do now. */
export function toCaller({ id, name, isAdministrator, memberships }: InvitingAccount): AccountCaller {
  const roles = new Map(memberships.map(({ organizationId, role }) => [organizationId, role]));
  return { kind: 'ACCOUNT', id, name, sessionId: '', isAdministrator, roles };
}

interface InvitingAccount {
  readonly id: string;
  readonly name: string;
  readonly isAdministrator: boolean;
  readonly memberships: readonly { readonly organizationId: string; readonly role: Role }[];
}

/**
 * Returns the digest by which an invitation's row is found. The token is 256 random bits, so a plain digest is enough.
 */
export function invitationDigest(token: Sensitive<string>): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', token.reveal(), 'buffer'));
}

/** Returns what a caller may not do, and whom to ask. */
function explainRefusal({ organizationId, role, isAdministrator }: InviteAccountInput): string {
  const accounts = organizationId == null ? 'accounts without an organization' : `accounts with the role ${role ?? ''}`;
  const ofOrganization = role === 'OWNER' ? 'organization.grantOwner' : 'organization.manage';
  const capability = isAdministrator || organizationId == null ? 'account.invite' : ofOrganization;
  return `You may not invite ${isAdministrator ? 'administrators' : accounts}. Ask ${describeWhoMay(capability)}.`;
}
