import { CompactEncrypt, importJWK, type JWK } from 'jose';
import { fail, type Failure } from '../domain/failure.ts';
import { newSecret, type Secret } from '../domain/secret.ts';
import { Sensitive } from '../domain/sensitive.ts';
import type { Change } from '../log/change.ts';

/** A validated public key to which secrets can be sealed. */
export interface Recipient {
  readonly jwk: JWK;
}

/**
 * Reads the public key of a request: a JWK (RFC 7517) as JSON text, OKP X25519 or EC P-256. A JWK with its private half
 * is refused. Returns null if the request has no public key.
 */
export function readRecipient(publicKey: string | null | undefined): Recipient | null | Failure<'PublicKeyInvalid'> {
  if (publicKey === null || publicKey === undefined) return null;
  const invalid = (found: string) => fail('PublicKeyInvalid', found, { path: ['input', 'publicKey'] });
  let jwk: JWK;
  try {
    jwk = JSON.parse(publicKey) as JWK;
  } catch {
    return invalid('The public key is not JSON.');
  }
  if (typeof jwk !== 'object' || jwk === null) return invalid('The public key is not a JSON object.');
  if ('d' in jwk) return invalid('The public key contains its private half (d). Send the public half only.');
  const { kty, crv, x, y } = jwk;
  const isKnown = (kty === 'OKP' && crv === 'X25519') || (kty === 'EC' && crv === 'P-256');
  if (!isKnown) return invalid(`The public key has ${describeMember('kty', kty)} and ${describeMember('crv', crv)}.`);
  if (typeof x !== 'string' || (kty === 'EC' && typeof y !== 'string'))
    return invalid('The public key lacks a coordinate.');
  return { jwk: kty === 'EC' ? { kty, crv, x, y: y as string } : { kty, crv, x } };
}

function describeMember(name: string, value: unknown): string {
  return value === undefined ? `no ${name}` : `the ${name} ${JSON.stringify(value)}`;
}

/** A new secret, and the text that its one caller gets: the secret itself, or a JWE of it. */
export interface NewSecret {
  readonly secret: Secret;
  readonly text: Sensitive<string>;
}

/**
 * Creates a secret with the prefix of its realm. Its text is the secret, or for a recipient a compact JWE (RFC 7516; ECDH-ES, A256GCM) that only the
 * recipient can decrypt.
 */
export async function createSecret(
  change: Change,
  recipient: Recipient | null,
  { secretPrefix }: { readonly secretPrefix: string },
): Promise<NewSecret | Failure<'PublicKeyInvalid'>> {
  const secret = newSecret(change.core.random, secretPrefix);
  if (recipient === null) return { secret, text: new Sensitive(secret.reveal()) };
  try {
    const key = await importJWK(recipient.jwk, 'ECDH-ES');
    const jwe = await new CompactEncrypt(new TextEncoder().encode(secret.reveal()))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
      .encrypt(key);
    return { secret, text: new Sensitive(jwe) };
  } catch {
    return fail('PublicKeyInvalid', 'The public key’s coordinates are not a point on its curve.', {
      path: ['input', 'publicKey'],
    });
  }
}
