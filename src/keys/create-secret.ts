import { CompactEncrypt, importJWK, type JWK } from 'jose';
import { fail, type Failure } from '../domain/failure.ts';
import { newSecret, type Secret } from '../domain/secret.ts';
import { Sensitive } from '../domain/sensitive.ts';
import type { Change } from '../log/change.ts';

/** A public key to which secrets can be sealed, checked. */
export interface Recipient {
  readonly jwk: JWK;
}

/** A public key as callers send it: a JWK (RFC 7517) as JSON text, OKP X25519 or EC P-256. */
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
  if ('d' in jwk) return invalid('The public key has its private half in it (d): keep that to yourself.');
  const { kty, crv, x, y } = jwk;
  const isKnown = (kty === 'OKP' && crv === 'X25519') || (kty === 'EC' && crv === 'P-256');
  if (!isKnown) return invalid(`The public key has ${describeMember('kty', kty)} and ${describeMember('crv', crv)}.`);
  if (typeof x !== 'string' || (kty === 'EC' && typeof y !== 'string'))
    return invalid('The public key has no coordinates.');
  return { jwk: kty === 'EC' ? { kty, crv, x, y: y as string } : { kty, crv, x } };
}

function describeMember(name: string, value: unknown): string {
  return value === undefined ? `no ${name}` : `the ${name} ${JSON.stringify(value)}`;
}

/** A new secret, and the text in which its one caller is shown it. */
export interface NewSecret {
  readonly secret: Secret;
  readonly text: Sensitive<string>;
}

/**
 * A new secret, and how it is shown: as it is, or, for a recipient, as a compact JWE (RFC 7516; ECDH-ES, A256GCM) that
 * nobody else can open.
 */
export async function createSecret(
  change: Change,
  recipient: Recipient | null,
): Promise<NewSecret | Failure<'PublicKeyInvalid'>> {
  const secret = newSecret(change.core.random);
  if (recipient === null) return { secret, text: new Sensitive(secret.reveal()) };
  try {
    const key = await importJWK(recipient.jwk, 'ECDH-ES');
    const jwe = await new CompactEncrypt(new TextEncoder().encode(secret.reveal()))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
      .encrypt(key);
    return { secret, text: new Sensitive(jwe) };
  } catch {
    return fail('PublicKeyInvalid', 'The public key’s coordinates are no point of its curve.', {
      path: ['input', 'publicKey'],
    });
  }
}
