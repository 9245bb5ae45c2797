import { kindOf } from '../domain/id.ts';
import { SealError, type Sealer } from '../store/sealing.ts';

/**
 * Binds sealed tokens to this purpose: they open for no other, and nothing sealed for another purpose opens as a token.
 */
const CONTEXT = 'unsubscribe';

/** In characters; a token has about 100. */
const TOKEN_LENGTH_MAX = 400;

/** Creates a token that allows only to turn off notices by mail for one account. It does not expire. */
export function createUnsubscribeToken(sealer: Sealer, accountId: string): string {
  return Buffer.from(sealer.seal(accountId, CONTEXT)).toString('base64url');
}

/** Returns the account of a token; null: the token is malformed or was not made by this gateway. */
export function readUnsubscribeToken(sealer: Sealer, token: string): string | null {
  if (token.length > TOKEN_LENGTH_MAX || !/^[\w-]+$/.test(token)) return null;
  try {
    const accountId = sealer.open(Buffer.from(token, 'base64url'), CONTEXT);
    return kindOf(accountId) === 'account' ? accountId : null;
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
