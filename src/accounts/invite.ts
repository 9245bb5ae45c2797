import { hash } from 'node:crypto';
import type { Role } from '../domain/caller.ts';
import { DAY_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { plus } from '../domain/key.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import { Sensitive } from '../domain/sensitive.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { checkEmail } from './check-email.ts';

/** How long an invitation can be accepted. */
const INVITATION_MS = 7 * DAY_MS;

/** What an invitation's token begins with. */
const TOKEN_PREFIX = 'kti_';

export interface InviteAccountInput {
  readonly email: string;
  readonly isAdministrator: boolean;
  /** The organization that the account will belong to, and as what. */
  readonly organizationId?: string | null;
  readonly role?: Role | null;
}

export type AccountInvited = { readonly invitationId: string; readonly expiresAt: Date; readonly delivery: Delivery };

/** Makes a one-time token with which its receiver becomes an account. Handing it over is the inviter's. */
export const inviteAccount = useCase<InviteAccountInput, { readonly email: string }, AccountInvited>({
  name: 'inviteAccount',

  async authorize({ tx }, caller, { email, isAdministrator, organizationId, role }) {
    const folded = checkEmail(email);
    if ((organizationId == null) !== (role == null))
      throw badUserInput('Found one of organization and role; give both or neither.');
    if (organizationId == null) {
      if (!may(caller, isAdministrator ? 'account.inviteAdministrator' : 'account.invite', {})) {
        throw forbidden('Only administrators invite accounts that belong to no organization.');
      }
      return { email: folded };
    }
    const target = { ownerId: organizationId };
    const organization = await tx.organization.findUnique({ where: { id: organizationId } });
    if (organization === null || !may(caller, 'organization.read', target)) {
      return fail('OrganizationNotFound', 'There is no organization with this id that you can see.', {
        path: ['input', 'organization'],
      });
    }
    const isAllowed =
      may(caller, role === 'OWNER' ? 'organization.grantOwner' : 'organization.manage', target) &&
      (!isAdministrator || may(caller, 'account.inviteAdministrator', {}));
    if (!isAllowed) throw forbidden('You may not invite accounts with that role.');
    return { email: folded };
  },

  async run({ core, tx, tell, now }, caller, input, { email }) {
    if (caller.kind !== 'ACCOUNT') throw forbidden('Only accounts invite accounts.');
    if ((await tx.account.findUnique({ where: { email } })) !== null) {
      return fail('EmailTaken', 'An account has this email already.', { path: ['input', 'email'] });
    }
    const at = now();
    const id = newId('invitation', at, core.random);
    const token = new Sensitive(TOKEN_PREFIX + Buffer.from(core.random(32)).toString('base64url'));
    const expiresAt = plus(at, INVITATION_MS);
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
    tell({
      type: 'ACCOUNT_INVITED',
      at,
      ownerId,
      actor: actorOf(caller),
      data: { invitationId: id, role: input.role ?? null },
    });
    return { invitationId: id, expiresAt, delivery: { of: id, text: token } };
  },
});

/** What the row of an invitation is found by. The token is 256 random bits: a plain digest will do. */
export function invitationDigest(token: Sensitive<string>): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', token.reveal(), 'buffer'));
}
