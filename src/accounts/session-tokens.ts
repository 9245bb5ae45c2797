import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../store/clock.ts';
import { SIGNED_LIFETIME_MS, type SigningKeys } from './signing-keys.ts';

/** Lifetime of a session. Nothing prolongs it. */
export const SESSION_LIFETIME_MS = SIGNED_LIFETIME_MS;

/** Explicit typing (RFC 8725, section 3.11): tokens for other purposes have another type and are not sessions. */
const type = 'keytide-session+jwt';
/** The audience of session tokens. */
export const SESSION_AUDIENCE = 'keytide';
const algorithm = 'EdDSA';
/** Maximum length in characters; a token has about 450. */
const TOKEN_LENGTH_MAX = 4096;
/** Leeway for the issue time, in case the clock of the signing node is ahead. Expiry has no leeway. */
const LEEWAY_SECONDS = 60;

/** The claims of a session token. It holds nothing else. */
export interface SessionClaims {
  readonly accountId: string;
  readonly sessionId: string;
  readonly issuedAt: Date;
  /** The first instant at which the token is expired; whole seconds. */
  readonly expiresAt: Date;
}

/**
 * Signs and verifies session tokens: JWTs (RFC 7519) signed with EdDSA, valid for 12 hours. A token that verifies was
 * signed by this gateway and has not expired; whether its session was ended is only in the session's row.
 */
export class SessionTokens {
  readonly #signingKeys: SigningKeys;
  readonly #clock: Clock;
  readonly #issuer: string;

  /** `issuer` is the public URL of the gateway. */
  constructor({ signingKeys, clock, issuer }: { signingKeys: SigningKeys; clock: Clock; issuer: string }) {
    this.#signingKeys = signingKeys;
    this.#clock = clock;
    this.#issuer = issuer;
  }

  /**
   * Signs a token that is valid from now on, for 12 hours or until `until`, whichever is sooner. Store a new session
   * with the returned instants, which are in whole seconds like those of the token.
   */
  async sign({
    accountId,
    sessionId,
    until,
  }: Pick<SessionClaims, 'accountId' | 'sessionId'> & { readonly until?: Date }): Promise<
    SessionClaims & { readonly token: string }
  > {
    const { id, privateKey } = await this.#signingKeys.current();
    const issuedSecond = Math.floor(this.#clock.now().getTime() / 1000);
    const whole = issuedSecond + SESSION_LIFETIME_MS / 1000;
    const expirySecond = until === undefined ? whole : Math.min(whole, Math.floor(until.getTime() / 1000));
    const token = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: algorithm, typ: type, kid: id })
      .setIssuer(this.#issuer)
      .setAudience(SESSION_AUDIENCE)
      .setSubject(accountId)
      .setIssuedAt(issuedSecond)
      .setExpirationTime(expirySecond)
      .sign(privateKey);
    return { token, accountId, sessionId, issuedAt: atSecond(issuedSecond), expiresAt: atSecond(expirySecond) };
  }

  /**
   * Returns the claims of a token; null if this gateway did not sign it or it is not valid now, without telling which.
   * Throws only if the signing keys cannot be read, so that the result is unknown.
   */
  async verify(token: string): Promise<SessionClaims | null> {
    const id = keyIdOf(token);
    const key = id === null ? null : await this.#signingKeys.find(id);
    if (key === null) return null;
    const now = this.#clock.now();
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        typ: type,
        issuer: this.#issuer,
        currentDate: now,
        requiredClaims: ['iss', 'aud', 'sub', 'sid', 'iat', 'exp'],
      });
      return claimsOf(payload, now);
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }
}

/** Returns the id of the key in a token's header; null if the header is not exactly that of a session token. */
function keyIdOf(token: string): string | null {
  if (token.length > TOKEN_LENGTH_MAX || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return null;
  try {
    const { alg, typ, kid, ...rest } = decodeProtectedHeader(token);
    const isOurs = alg === algorithm && typ === type && typeof kid === 'string' && Object.keys(rest).length === 0;
    return isOurs ? kid : null;
  } catch {
    return null;
  }
}

function claimsOf(payload: Record<string, unknown>, now: Date): SessionClaims | null {
  const { aud, sub, sid, iat, exp } = payload;
  // A single audience, as a string: this gateway never signs a token for several.
  if (aud !== SESSION_AUDIENCE || typeof sub !== 'string' || typeof sid !== 'string') return null;
  if (!isSecond(iat) || !isSecond(exp)) return null;
  if (iat > now.getTime() / 1000 + LEEWAY_SECONDS || exp - iat > SESSION_LIFETIME_MS / 1000) return null;
  return { accountId: sub, sessionId: sid, issuedAt: atSecond(iat), expiresAt: atSecond(exp) };
}

function isSecond(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function atSecond(second: number): Date {
  return new Date(second * 1000);
}
