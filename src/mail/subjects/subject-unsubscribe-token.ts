import { kindOf } from '../../domain/id.ts';
import { SealError, type Sealer } from '../../store/sealing.ts';

/** Binds sealed tokens to this purpose: they open for no other, and nothing sealed for another purpose opens as a token. */
const CONTEXT = 'unsubscribe-subject';

/** In characters; a token has about 220. */
const TOKEN_LENGTH_MAX = 400;

/** Whose mails a token stops: those of a realm to an address. */
export interface SubjectUnsubscription {
  readonly realmId: string;
  /** The subject to whom the mail with the token was sent. */
  readonly subjectId: string;
  /** `addressDigestOf` the address. */
  readonly digest: Buffer<ArrayBuffer>;
}

/** Creates a token that allows only to stop the mails of a realm to an address. It does not expire. */
export function createSubjectUnsubscribeToken(
  sealer: Sealer,
  { realmId, subjectId, digest }: SubjectUnsubscription,
): string {
  const text = [realmId, subjectId, digest.toString('hex')].join(' ');
  return Buffer.from(sealer.seal(text, CONTEXT)).toString('base64url');
}

/** Returns what a token stops; null: the token is malformed, or was not made by this gateway for this purpose. */
export function readSubjectUnsubscribeToken(sealer: Sealer, token: string): SubjectUnsubscription | null {
  if (token.length > TOKEN_LENGTH_MAX || !/^[\w-]+$/.test(token)) return null;
  try {
    const [realmId = '', subjectId = '', hex = ''] = sealer.open(Buffer.from(token, 'base64url'), CONTEXT).split(' ');
    if (kindOf(realmId) !== 'realm' || kindOf(subjectId) !== 'subject') return null;
    return { realmId, subjectId, digest: Buffer.from(hex, 'hex') };
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
