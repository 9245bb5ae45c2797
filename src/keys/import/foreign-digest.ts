import { createHash } from 'node:crypto';
import type { Realm, SecretForm } from '../../../prisma/generated/client/client.ts';
import { DEFAULT_SECRET_PREFIX } from '../../domain/secret-prefix.ts';
import type { Sealer } from '../../store/sealing.ts';

/** From so many random bits on, the plain digest of a secret cannot be reversed by trying all secrets. */
const PLAIN_DIGEST_BITS = 128;

/** A digest as it is stored, and the form of its secret. */
export interface StoredDigest {
  readonly digest: Uint8Array<ArrayBuffer>;
  readonly form: SecretForm;
}

/** Whether the start of a secret is that of a secret of our own form, which another deployment may have made for the realm. */
export function isOwnStart({ secretPrefix }: Pick<Realm, 'secretPrefix'>, start: string | null): boolean {
  return [DEFAULT_SECRET_PREFIX, secretPrefix].some(
    (prefix) => start !== null && start.startsWith(prefix) && /^[0-9A-Za-z]{6}$/.test(start.slice(prefix.length)),
  );
}

/**
 * Returns the digest of a foreign secret as it is stored, from the SHA-256 of the secret: it differs in each realm. Below
 * 128 random bits it is a MAC under the sealing key, so that a stolen database does not reveal the secret.
 */
export function storedForeignDigest(
  sealer: Sealer,
  realmId: string,
  randomBits: number,
  digest: Uint8Array,
): StoredDigest {
  if (randomBits < PLAIN_DIGEST_BITS) {
    const mac = sealer.mac(`foreign secret ${realmId}`, Buffer.from(digest).toString('hex'));
    return { digest: new Uint8Array(mac), form: 'FOREIGN_SEALED' };
  }
  const bytes = createHash('sha256').update(realmId).update(digest).digest();
  return { digest: new Uint8Array(bytes), form: 'FOREIGN' };
}
