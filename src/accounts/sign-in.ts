import type { Account } from '../../prisma/generated/client/client.ts';
import type { EventData } from '../domain/event-detail.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { change as inChange, type Change } from '../log/change.ts';
import { wakeKeysOf } from '../policies/wake-keys.ts';
import type { Core } from '../store/core.ts';
import { foldEmail } from '../domain/check-email.ts';
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
  /** The client address of the request. */
  readonly address: string;
}

export interface SignInResult {
  readonly token: Sensitive<string>;
  readonly expiresAt: Date;
  readonly accountId: string;
}

/**
 * Opens a session. An unknown email, a disabled account and a wrong password take the same time and get the same
 * failure. Throws RATE_LIMITED for too many attempts from one address or at one account.
 */
export async function signIn(
  services: SignInServices,
  input: SignInInput,
): Promise<SignInResult | Failure<'InvalidCredentials'>> {
  const account = await authenticatePassword(services, input);
  return isFailure(account) ? account : openSession(services, account);
}

/** Returns the account with an email and a password. Fails and throws like `signIn`. */
export async function authenticatePassword(
  services: Omit<SignInServices, 'sessionTokens'>,
  input: SignInInput,
): Promise<Account | Failure<'InvalidCredentials'>> {
  const email = foldEmail(input.email);
  services.rateLimits.attemptSignIn(email, input.address);
  const account = await services.prisma.account.findUnique({ where: { email } });
  const isCorrect = await services.passwords.verifyPassword(account?.passwordHash ?? null, input.password.reveal());
  if (account === null || !isCorrect || account.disabledAt !== null) return invalidCredentials();
  services.rateLimits.recordSignIn(email, input.address);
  return account;
}

/**
 * Creates a session and its token for an authenticated account. Fails if its password was changed or the account was
 * disabled since it was read: that ended all of its sessions, and this one would survive.
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

/** A session to create. */
export interface SessionDraft {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly at: Date;
  /** Additional data for the event. */
  readonly data?: Pick<EventData<'ACCOUNT_SIGNED_IN'>, 'deviceId' | 'deviceName'>;
}

/**
 * Creates a session within a change. Returns false if the account is disabled or, where `passwordHash` is given, no
 * longer has that password.
 */
export async function beginSession(
  change: Change,
  { id: accountId, name, passwordHash }: Pick<Account, 'id' | 'name'> & { readonly passwordHash?: string },
  { sessionId, expiresAt, at, data }: SessionDraft,
): Promise<boolean> {
  const { tx, record } = change;
  // Locks the account first: a change that ends all of its sessions waits, and then ends this one too.
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
