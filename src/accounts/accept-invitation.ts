import { anonymous } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { hasCome } from '../domain/key.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import { useCase, type Repeatable } from '../log/use-case.ts';
import { checkText } from '../domain/check-text.ts';
import type { Core } from '../store/core.ts';
import { invitationDigest } from './invite.ts';
import { passwordProblem } from './password-problem.ts';
import type { Passwords } from './passwords.ts';
import type { RateLimits } from './rate-limits.ts';

export interface AcceptInvitationInput {
  readonly token: Sensitive<string>;
  readonly name: string;
  readonly password: Sensitive<string>;
}

type Services = Core & { readonly passwords: Passwords; readonly rateLimits: RateLimits };
type InvitationAccepted = { readonly accountId: string };

/** Turns an invitation into an account, once. */
export async function acceptInvitation(
  services: Services,
  input: AcceptInvitationInput & Repeatable,
  address: string,
): Promise<InvitationAccepted | Failure> {
  services.rateLimits.attemptInvitation(address);
  checkText('name', input.name, 100);
  const digest = invitationDigest(input.token);
  const found = await services.prisma.invitation.findUnique({ where: { digest } });
  const problem = passwordProblem(input.password.reveal(), found?.email ?? '');
  // Hashed before the transaction, and only for whoever has a token: nobody else makes the gateway work.
  const passwordHash =
    found === null || problem !== null ? null : await services.passwords.hashPassword(input.password.reveal());

  const write = useCase<AcceptInvitationInput, object, InvitationAccepted>({
    name: 'acceptInvitation',
    guessable: ['token', 'password'],
    authorize: async () => ({}),
    async run({ core, tx, tell, now }, _caller, { name }) {
      const at = now();
      const invitation = await tx.invitation.findUnique({ where: { digest } });
      if (invitation === null || invitation.acceptedAt !== null || hasCome(invitation.expiresAt, at)) {
        return fail('InvitationNotFound', 'There is no open invitation with this token.', { path: ['input', 'token'] });
      }
      if (passwordHash === null) return fail('PasswordNotAllowed', problem ?? '', { path: ['input', 'password'] });
      const { email, isAdministrator, organizationId, role } = invitation;
      if ((await tx.account.findUnique({ where: { email } })) !== null) {
        return fail('EmailTaken', 'An account has this email already.', { path: ['input', 'token'] });
      }
      const { count } = await tx.invitation.updateMany({
        where: { digest, acceptedAt: null },
        data: { acceptedAt: at },
      });
      if (count === 0)
        return fail('InvitationNotFound', 'The invitation was accepted just now.', { path: ['input', 'token'] });
      const id = newId('account', at, core.random);
      await tx.account.create({ data: { id, email, name, passwordHash, isAdministrator, createdAt: at } });
      if (organizationId !== null && role !== null) {
        await tx.membership.create({ data: { organizationId, accountId: id, role, createdAt: at } });
      }
      const actor = { kind: 'ACCOUNT' as const, id, name };
      tell({
        type: 'ACCOUNT_CREATED',
        at,
        ownerId: id,
        actor,
        data: { invitationId: invitation.id, organizationId, role },
      });
      return { accountId: id };
    },
  });
  return write(services, anonymous, input);
}
