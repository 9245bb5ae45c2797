import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTVerifyOptions } from 'jose';
import type { TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { SECOND_MS } from '../domain/duration.ts';
import type { Clock } from '../store/clock.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { acceptedAlgorithms, CLOCK_TOLERANCE_MS, TOKEN_MAX_AGE_MS, type ParsedToken } from './parse-token.ts';
import { refuseToken, type RefusedToken } from './refused-token.ts';

export interface TokenVerificationCore {
  readonly clock: Clock;
  readonly issuerKeys: IssuerKeys;
}

/**
 * Verifies a token's signature, issuer, audience and times (RFC 7519, section 7.2) with the keys of that issuer only: the
 * imported keys, or else the published ones. Tries each key that fits the token's header: several may have its `kid`, or the token
 * may have none (RFC 7517, section 4.5). Returns why the token is refused, or null if it is valid.
 *
 * @throws UNAVAILABLE if the issuer's keys cannot be fetched.
 */
export async function verifyToken(
  { clock, issuerKeys }: TokenVerificationCore,
  { url, audience, keySet: imported }: TrustedIssuer,
  token: ParsedToken,
): Promise<RefusedToken | null> {
  const trusted =
    imported === null
      ? await issuerKeys.find(url, token.keyId)
      : { keySet: imported as unknown as JSONWebKeySet, algorithms: acceptedAlgorithms };
  try {
    await verifyWithAnyKey(token.text, trusted.keySet, {
      algorithms: [...trusted.algorithms],
      issuer: url,
      audience,
      currentDate: clock.now(),
      clockTolerance: CLOCK_TOLERANCE_MS / SECOND_MS,
      maxTokenAge: TOKEN_MAX_AGE_MS / SECOND_MS,
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
    });
    return null;
  } catch (error) {
    if (!(error instanceof errors.JOSEError || error instanceof DOMException || error instanceof TypeError))
      throw error;
    if (error instanceof errors.JWTExpired) return refuseToken('NOT_NOW', 'The token has expired.');
    if (error instanceof errors.JOSEAlgNotAllowed) {
      const accepted = trusted.algorithms.join(', ');
      return refuseToken(
        'NOT_SIGNED',
        `The token is signed with ${token.algorithm}; its issuer signs with ${accepted}.`,
      );
    }
    return refuseToken('NOT_SIGNED', 'The token is not signed by a key of its issuer.');
  }
}

/** Verifies a token with the keys of a set that fit its header, one after the other. Throws the error of the last one. */
async function verifyWithAnyKey(text: string, keySet: JSONWebKeySet, options: JWTVerifyOptions): Promise<void> {
  try {
    await jwtVerify(text, createLocalJWKSet(keySet), options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let last: unknown = error;
    for await (const key of error) {
      try {
        await jwtVerify(text, key, options);
        return;
      } catch (keyError) {
        // Any other error is about a token that this key has signed.
        if (!isOfOtherKey(keyError)) throw keyError;
        last = keyError;
      }
    }
    throw last;
  }
}

function isOfOtherKey(error: unknown): boolean {
  return error instanceof errors.JWSSignatureVerificationFailed || error instanceof TypeError;
}
