import type { Invitation } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { addMs, hasCome } from '../domain/key.ts';
import { may } from '../domain/permission.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { useCase } from '../log/use-case.ts';
import { invitationDigest } from './invite.ts';

export interface WithdrawInvitationInput {
  readonly invitationId: string;
}

/**
 * Withdraws an open invitation to create an account: its token is worth nothing from now on. For the account that sent it, and
 * for administrators.
 */
export const withdrawInvitation = useCase<WithdrawInvitationInput, Invitation, { readonly invitationId: string }>()({
  name: 'withdrawInvitation',

  async authorize({ tx }, caller, { invitationId }) {
    // An invitation that is being accepted is locked in the same way: it is accepted or withdrawn, never both.
    await tx.$queryRaw`SELECT 1 FROM "Invitation" WHERE id = ${invitationId} FOR UPDATE`;
    const invitation = await tx.invitation.findUnique({ where: { id: invitationId } });
    return invitation !== null && mayWithdraw(caller, invitation) ? invitation : invitationNotFound();
  },

  async run({ core, tx, record, now }, caller, { invitationId }, invitation) {
    const { organizationId, invitedById, acceptedAt, createdAt, expiresAt } = invitation;
    const at = now();
    if (acceptedAt !== null || hasCome(expiresAt, at)) return invitationNotFound();
    // The database refuses an invitation that expires at the instant at which it was made.
    const endsAt = at > createdAt ? at : addMs(createdAt, 1);
    // With the digest of a new token, which is given to no caller, none leads to it, whatever the clocks of the nodes say.
    const digest = invitationDigest(new Sensitive(Buffer.from(core.random(32)).toString('base64url')));
    await tx.invitation.update({ where: { id: invitationId }, data: { digest, expiresAt: endsAt } });
    record({
      type: 'ACCOUNT_INVITATION_WITHDRAWN',
      at,
      ownerId: organizationId ?? invitedById,
      actor: actorOf(caller),
      data: { invitationId },
    });
    return { invitationId };
  },
});

function mayWithdraw(caller: Caller, { invitedById }: Invitation): boolean {
  return may(caller, 'account.inviteAdministrator', {}) || (caller.kind === 'ACCOUNT' && caller.id === invitedById);
}

function invitationNotFound() {
  return fail('InvitationNotFound', 'No open invitation that you may withdraw has this id.', {
    path: ['input', 'invitationId'],
    remedy: 'It may have been accepted or withdrawn, or have expired: query invitations.',
  });
}
