import type { JWK } from 'jose';
import { Sensitive } from '../../domain/sensitive.ts';

/** A key pair for one rotation, as JWKs in JSON. The private key opens what was sealed to the public key. */
export interface SealingPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Loaded when a secret is sealed or opened: most runs do neither, and it takes an eighth of their time. */
const loadJose = () => import('jose');

/** Generates a key pair to which the gateway seals the new secret, so that no proxy can read it (X25519). */
export async function generateSealingPair(): Promise<SealingPair> {
  const { exportJWK, generateKeyPair } = await loadJose();
  const keyPair = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  return {
    publicKey: JSON.stringify(await exportJWK(keyPair.publicKey)),
    privateKey: JSON.stringify(await exportJWK(keyPair.privateKey)),
  };
}

/** Seals a secret like the gateway: a compact JWE (RFC 7516; ECDH-ES, A256GCM). */
export async function seal(publicKey: string, secret: Sensitive<string>): Promise<string> {
  const { CompactEncrypt, importJWK } = await loadJose();
  const key = await importJWK(JSON.parse(publicKey) as JWK, 'ECDH-ES');
  return new CompactEncrypt(new TextEncoder().encode(secret.reveal()))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
    .encrypt(key);
}

/** Opens a sealed secret. Throws if it was sealed to another key. */
export async function unseal(privateKey: string, sealed: string): Promise<Sensitive<string>> {
  const { compactDecrypt, importJWK } = await loadJose();
  const key = await importJWK(JSON.parse(privateKey) as JWK, 'ECDH-ES');
  const { plaintext } = await compactDecrypt(sealed, key);
  return new Sensitive(new TextDecoder().decode(plaintext));
}
