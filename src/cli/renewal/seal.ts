import { compactDecrypt, CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { Sensitive } from '../../domain/sensitive.ts';

/** A pair of keys for one rotation. The private half, a JWK as JSON text, opens what was sealed to the public one. */
export interface SealingPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** A pair to which the gateway seals a secret, so that nobody on the way learns it (X25519). */
export async function generateSealingPair(): Promise<SealingPair> {
  const pair = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  return {
    publicKey: JSON.stringify(await exportJWK(pair.publicKey)),
    privateKey: JSON.stringify(await exportJWK(pair.privateKey)),
  };
}

/** Seals as the gateway does: a compact JWE (RFC 7516; ECDH-ES, A256GCM). */
export async function seal(publicKey: string, secret: Sensitive<string>): Promise<string> {
  const key = await importJWK(JSON.parse(publicKey) as JWK, 'ECDH-ES');
  return new CompactEncrypt(new TextEncoder().encode(secret.reveal()))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
    .encrypt(key);
}

/** Opens what was sealed to the pair. Throws when it was not. */
export async function unseal(privateKey: string, sealed: string): Promise<Sensitive<string>> {
  const key = await importJWK(JSON.parse(privateKey) as JWK, 'ECDH-ES');
  const { plaintext } = await compactDecrypt(sealed, key);
  return new Sensitive(new TextDecoder().decode(plaintext));
}
