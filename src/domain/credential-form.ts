import { DEFAULT_SECRET_PREFIX } from './secret-prefix.ts';
import { isSecretShaped } from './secret.ts';

/**
 * What a credential is taken for, by its form alone: the secret of a key, a portal session, a session token (a JWT), or a
 * foreign secret, which only a realm that accepts such secrets knows. No text has two forms.
 */
export type CredentialForm = 'KEY' | 'PORTAL_SESSION' | 'SESSION' | 'FOREIGN';

/** The prefix of the tokens of portal sessions. No secret of a key has it. */
export const PORTAL_SESSION_PREFIX = 'ktp_';

/** A JWT in compact form (RFC 7519, section 3.1): three parts in base64url. The first is a JSON object. */
const compactJwt = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;

/** Returns the form of a credential. Cheap: it neither computes a checksum nor asks anything. */
export function formOf(credential: string): CredentialForm {
  if (isSecretShaped(credential) || credential.startsWith(DEFAULT_SECRET_PREFIX)) return 'KEY';
  if (credential.startsWith(PORTAL_SESSION_PREFIX)) return 'PORTAL_SESSION';
  return compactJwt.test(credential) ? 'SESSION' : 'FOREIGN';
}
