import type { Account } from '../../prisma/generated/client/client.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { change as inChange, type Change } from '../log/change.ts';
import { wakeKeysOf } from '../policies/wake-keys.ts';
import type { Core } from '../store/core.ts';
import { foldEmail } from './check-email.ts';
import type { Passwords } from './passwords.ts';
import type { RateLimits } from './rate-limits.ts';
import type { SessionTokens } from './session-tokens.ts';

export interface SignInServices extends Core {
  readonly passwords: Passwords;
  readonly rateLimits: RateLimits;
  readonly sessionTokens: SessionTokens;
}

export interface SignInInput {
  readonly email: string;
  readonly password: Sensitive<string>;
  /** Where the request came from. */
  readonly address: string;
}

export interface SignInResult {
  readonly token: Sensitive<string>;
  readonly expiresAt: Date;
  readonly accountId: string;
}

/**
 * Opens a session. An unknown email, a disabled account and a wrong password cost and answer alike. Throws RATE_LIMITED
 * for too many attempts from one address or at one account.
 */
export async function signIn(
  services: SignInServices,
  input: SignInInput,
): Promise<SignInResult | Failure<'InvalidCredentials'>> {
  const account = await authenticatePassword(services, input);
  return isFailure(account) ? account : openSession(services, account);
}

/** The account that has an email and a password. Refuses, and throws, as `signIn`. */
export async function authenticatePassword(
  services: Omit<SignInServices, 'sessionTokens'>,
  input: SignInInput,
): Promise<Account | Failure<'InvalidCredentials'>> {
  const email = foldEmail(input.email);
  services.rateLimits.attemptSignIn(email, input.address);
  const account = await services.prisma.account.findUnique({ where: { email } });
  const isRight = await services.passwords.verifyPassword(account?.passwordHash ?? null, input.password.reveal());
  if (account === null || !isRight || account.disabledAt !== null) return invalidCredentials();
  services.rateLimits.recordSignIn(email, input.address);
  return account;
}

/**
 * Makes a session for an account that has proved itself, and the token that stands for it. Not when its password was
 * changed, or the account closed, since it was read: that ended all its sessions, and this one would come after the end.
 */
export async function openSession(
  services: Core & { readonly sessionTokens: SessionTokens },
  { id: accountId, name, passwordHash }: Pick<Account, 'id' | 'name' | 'passwordHash'>,
): Promise<SignInResult | Failure<'InvalidCredentials'>> {
  const { clock, random } = services;
  const now = clock.now();
  const sessionId = newId('session', now, random);
  const { token, expiresAt } = await services.sessionTokens.sign({ accountId, sessionId });
  const isOpen = await inChange(services, (change) =>
    beginSession(change, { id: accountId, name, passwordHash }, { sessionId, expiresAt, at: now }),
  );
  return isOpen ? { token: new Sensitive(token), expiresAt, accountId } : invalidCredentials();
}

/** A session that is to begin. */
export interface SessionDraft {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly at: Date;
  /** What the event tells beside the session. */
  readonly data?: { readonly [name: string]: string };
}

/**
 * Begins a session in a change, of an account that is open and, where it is said, still has that password; false: it is not
 * so any more.
 */
export async function beginSession(
  change: Change,
  { id: accountId, name, passwordHash }: Pick<Account, 'id' | 'name'> & { readonly passwordHash?: string },
  { sessionId, expiresAt, at, data }: SessionDraft,
): Promise<boolean> {
  const { tx, record } = change;
  // Locks the account first: whatever ends all its sessions waits, and then ends this one too.
  const { count } = await tx.account.updateMany({
    where: { id: accountId, disabledAt: null, ...(passwordHash !== undefined && { passwordHash }) },
    data: { lastSignInAt: at },
  });
  if (count === 0) return false;
  await tx.session.create({ data: { id: sessionId, accountId, createdAt: at, expiresAt } });
  await wakeKeysOf(change, accountId, at, { onlyDormant: true });
  const actor = { kind: 'ACCOUNT' as const, id: accountId, name };
  record({ type: 'ACCOUNT_SIGNED_IN', at, ownerId: accountId, actor, data: { sessionId, ...data } });
  return true;
}

function invalidCredentials(): Failure<'InvalidCredentials'> {
  return fail('InvalidCredentials', 'No account has this email and this password.');
}
