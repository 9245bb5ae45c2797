import { hash } from 'node:crypto';

/**
 * Returns the digest under which a foreign secret of at least 128 random bits is stored in a realm, from the SHA-256 of the secret
 * in hexadecimal. It differs by realm, and from the digest of every secret of this gateway.
 */
export function foreignDigestOf(realmId: string, secretDigest: string): Buffer {
  return hash('sha256', `keytide foreign secret ${realmId} ${secretDigest}`, 'buffer');
}
