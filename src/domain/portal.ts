import { hash } from 'node:crypto';
import { PORTAL_SESSION_PREFIX } from './credential-form.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.ts';
import { hasSecretText, newSecretText } from './secret.ts';
import { Sensitive } from './sensitive.ts';

/** What a portal session may allow with the keys of its subject. Nothing else is ever allowed. */
export const portalActions = ['LIST', 'ISSUE', 'RENEW', 'ROTATE', 'REVOKE', 'EVENTS'] as const;

export type PortalAction = (typeof portalActions)[number];

/** The shortest, the longest and the default lifetime of a portal session. */
export const portalLifetimes = { shortest: SECOND_MS, longest: HOUR_MS, default: HOUR_MS } as const;

/** How long the one-time code in the URL of a new session can be exchanged for its token. */
export const PORTAL_CODE_MS = MINUTE_MS;

/** The prefix of the code in the URL. */
const CODE_PREFIX = 'ktc_';

/** Creates the token of a portal session: `ktp_` and the digits of a secret. */
export function newPortalToken(random: (size: number) => Uint8Array): Sensitive<string> {
  return new Sensitive(newSecretText(random, PORTAL_SESSION_PREFIX));
}

/**
 * Returns the code that belongs to a token. It follows from the token, so that a repeated answer has the same code; the token does
 * not follow from it.
 */
export function portalCodeOf(token: Sensitive<string>): Sensitive<string> {
  const bytes = new Uint8Array(hash('sha256', `code of ${token.reveal()}`, 'buffer'));
  return new Sensitive(newSecretText(() => bytes, CODE_PREFIX));
}

/** Whether a text has the form of a token of a portal session, with the right checksum. */
export function isPortalToken(text: string): boolean {
  return hasSecretText(text, PORTAL_SESSION_PREFIX);
}

/** Whether a text has the form of the code of a portal session, with the right checksum. */
export function isPortalCode(text: string): boolean {
  return hasSecretText(text, CODE_PREFIX);
}

/** Returns the digest by which a token or a code is found. Both are 256 bits that cannot be guessed. */
export function portalDigest(credential: Sensitive<string>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', credential.reveal(), 'buffer'));
}
