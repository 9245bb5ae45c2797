import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { forbidden } from '../domain/request-error.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import { useCase, type IdempotentInput } from '../log/use-case.ts';
import type { Core } from '../store/core.ts';
import { passwordProblem } from './password-problem.ts';
import type { Passwords } from './passwords.ts';
import type { RateLimits } from './rate-limits.ts';

export interface ChangePasswordInput {
  readonly currentPassword: Sensitive<string>;
  readonly newPassword: Sensitive<string>;
}

type Services = Core & { readonly passwords: Passwords; readonly rateLimits: RateLimits };
type ChangePasswordResult = { readonly accountId: string };

/** Changes the password of the caller's account, and ends all of its other sessions. */
export async function changePassword(
  services: Services,
  caller: Caller,
  input: ChangePasswordInput & IdempotentInput,
  address: string,
): Promise<ChangePasswordResult | Failure<'InvalidCredentials' | 'PasswordNotAllowed' | 'IdempotencyConflict'>> {
  if (caller.kind !== 'ACCOUNT') throw forbidden('Only a signed-in account has a password to change.');
  const account = await services.prisma.account.findUniqueOrThrow({ where: { id: caller.id } });
  services.rateLimits.attemptSignIn(account.email, address);
  // Hashing is slow, so it runs before the transaction: no lock is held meanwhile.
  const isCorrect = await services.passwords.verifyPassword(account.passwordHash, input.currentPassword.reveal());
  if (isCorrect) services.rateLimits.recordSignIn(account.email, address);
  const problem = passwordProblem(input.newPassword.reveal(), account.email);
  const passwordHash =
    isCorrect && problem === null ? await services.passwords.hashPassword(input.newPassword.reveal()) : null;

  const write = useCase<ChangePasswordInput, object, ChangePasswordResult>()({
    name: 'changePassword',
    guessable: ['currentPassword', 'newPassword'],
    authorize: async () => ({}),
    async run({ tx, record, now }) {
      if (!isCorrect) {
        return fail('InvalidCredentials', 'The current password is wrong.', {
          path: ['input', 'currentPassword'],
          remedy: 'Check it, or ask the operator of the gateway to reset the password.',
        });
      }
      if (passwordHash === null) {
        return fail('PasswordNotAllowed', problem ?? '', { path: ['input', 'newPassword'] });
      }
      const at = now();
      const { count } = await tx.account.updateMany({
        where: { id: caller.id, passwordHash: account.passwordHash },
        data: { passwordHash },
      });
      if (count === 0)
        return fail('InvalidCredentials', 'The password was changed by another request just now.', {
          remedy: 'Sign in with the new password.',
        });
      await tx.session.updateMany({
        where: { accountId: caller.id, endedAt: null, id: { not: caller.sessionId } },
        data: { endedAt: at },
      });
      const data = { keptSessionId: caller.sessionId };
      record({ type: 'ACCOUNT_PASSWORD_CHANGED', at, ownerId: caller.id, actor: actorOf(caller), data });
      return { accountId: caller.id };
    },
  });
  return write(services, caller, input);
}
