import { kindOf } from '../../domain/id.ts';
import { SealError, type Sealer } from '../../store/sealing.ts';

/** What the token is sealed for: it opens nowhere else, and nothing sealed for something else opens here. */
const CONTEXT = 'unsubscribe';

/** In characters; a token has about 100. */
const TOKEN_LENGTH_MAX = 400;

/** A token by which notices by mail are ended for one account, and nothing else is done. It does not end by time. */
export function createUnsubscribeToken(sealer: Sealer, accountId: string): string {
  return Buffer.from(sealer.seal(accountId, CONTEXT)).toString('base64url');
}

/** The account that a token is for; null: it is none of ours. */
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
