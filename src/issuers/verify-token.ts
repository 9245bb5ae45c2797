import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet } from 'jose';
import type { TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { SECOND_MS } from '../domain/duration.ts';
import type { Clock } from '../store/clock.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { acceptedAlgorithms, CLOCK_TOLERANCE_MS, TOKEN_MAX_AGE_MS, type ParsedToken } from './parse-token.ts';
import { refuseToken, type RefusedToken } from './refused-token.ts';

/** What tokens are proved with. */
export interface TokenVerificationCore {
  readonly clock: Clock;
  readonly issuerKeys: IssuerKeys;
}

/**
 * Why a token is not proved to be of an issuer; null: it is. By the keys of that issuer alone: those that it publishes, or
 * those that were imported for it.
 *
 * @throws UNAVAILABLE when the issuer's keys cannot be had.
 */
export async function verifyToken(
  { clock, issuerKeys }: TokenVerificationCore,
  { url, audience, keySet: imported }: TrustedIssuer,
  token: ParsedToken,
): Promise<RefusedToken | null> {
  const known =
    imported === null
      ? await issuerKeys.find(url, token.keyId)
      : { keySet: imported as unknown as JSONWebKeySet, algorithms: acceptedAlgorithms };
  try {
    await jwtVerify(token.text, createLocalJWKSet(known.keySet), {
      algorithms: [...known.algorithms],
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
    return error instanceof errors.JWTExpired
      ? refuseToken('NOT_NOW', 'The token is over.')
      : refuseToken('NOT_SIGNED', 'No key of its issuer has signed this token.');
  }
}
