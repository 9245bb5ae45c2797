import type { Prisma } from '../../prisma/generated/client/client.ts';
import { anonymous } from '../domain/caller.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { hasCome } from '../domain/key.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import type { Change } from '../log/change.ts';
import { useCase, type IdempotentInput } from '../log/use-case.ts';
import { checkText } from '../domain/check-text.ts';
import type { Core } from '../store/core.ts';
import { invitationDigest, mayInvite, toCaller } from './invite.ts';
import { passwordProblem } from './password-problem.ts';
import type { Passwords } from './passwords.ts';
import type { RateLimits } from './rate-limits.ts';

export interface AcceptInvitationInput {
  readonly token: Sensitive<string>;
  readonly name: string;
  readonly password: Sensitive<string>;
}

type Services = Core & { readonly passwords: Passwords; readonly rateLimits: RateLimits };
type AcceptInvitationResult = { readonly accountId: string };

const invitationInclude = { invitedBy: { include: { memberships: true } } } satisfies Prisma.InvitationInclude;
type Invitation = Prisma.InvitationGetPayload<{ include: typeof invitationInclude }>;

/**
 * Creates the account that an invitation offers, once, if its inviter may still make that invitation.
 */
export async function acceptInvitation(
  services: Services,
  input: AcceptInvitationInput & IdempotentInput,
  address: string,
): Promise<
  AcceptInvitationResult | Failure<'InvitationNotFound' | 'PasswordNotAllowed' | 'EmailTaken' | 'IdempotencyConflict'>
> {
  const attempt = services.rateLimits.attemptInvitation(address);
  checkText('name', input.name, 100);
  const digest = invitationDigest(input.token);
  const found = await services.prisma.invitation.findUnique({ where: { digest } });
  const isOpen = found !== null && found.acceptedAt === null;
  const problem = passwordProblem(input.password.reveal(), found?.email ?? '');
  // Hashed before the transaction, and only for an open invitation: other callers cannot make the gateway do the work.
  const passwordHash =
    isOpen && problem === null ? await services.passwords.hashPassword(input.password.reveal()) : null;

  const write = useCase<AcceptInvitationInput, object, AcceptInvitationResult>()({
    name: 'acceptInvitation',
    guessable: ['token', 'password'],
    authorize: async () => ({}),
    async run(change, _caller, { name }) {
      const { core, tx, record } = change;
      const invitation = await lockOpenInvitation(change, digest);
      if (invitation === null) {
        return fail('InvitationNotFound', 'No open invitation has this token.', { path: ['input', 'token'] });
      }
      if (passwordHash === null) return fail('PasswordNotAllowed', problem ?? '', { path: ['input', 'password'] });
      const at = change.now();
      const { email, isAdministrator, organizationId, role } = invitation;
      const id = newId('account', at, core.random);
      const { count } = await tx.account.createMany({
        data: { id, email, name, passwordHash, isAdministrator, createdAt: at, emailVerifiedAt: at },
        skipDuplicates: true,
      });
      if (count === 0) return fail('EmailTaken', 'An account has this email already.', { path: ['input', 'token'] });
      await tx.invitation.update({ where: { digest }, data: { acceptedAt: at } });
      if (organizationId !== null && role !== null) {
        await tx.membership.create({ data: { organizationId, accountId: id, role, createdAt: at } });
      }
      const actor = { kind: 'ACCOUNT' as const, id, name };
      const data = { invitationId: invitation.id, organizationId, role };
      record({ type: 'ACCOUNT_CREATED', at, ownerId: id, actor, data });
      return { accountId: id };
    },
  });
  const result = await write(services, { ...anonymous, credentialDigest: digest.toString('base64url') }, input);
  // A refused password belongs to an open invitation. Other failures count: a password was hashed for some of them.
  if (!isFailure(result) || result.failure === 'PasswordNotAllowed') attempt.found();
  return result;
}

/** Locks and returns an invitation; null if it cannot be accepted, or if its inviter could no longer make it. */
async function lockOpenInvitation({ tx, now }: Change, digest: Buffer<ArrayBuffer>): Promise<Invitation | null> {
  await tx.$queryRaw`SELECT 1 FROM "Invitation" WHERE digest = ${digest} FOR UPDATE`;
  const invitation = await tx.invitation.findUnique({ where: { digest }, include: invitationInclude });
  if (invitation === null || invitation.acceptedAt !== null || hasCome(invitation.expiresAt, now())) return null;
  const { invitedBy } = invitation;
  return invitedBy.disabledAt === null && mayInvite(toCaller(invitedBy), invitation) ? invitation : null;
}
