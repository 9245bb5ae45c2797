import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../store/clock.ts';
import { SIGNED_LIFETIME_MS, type SigningKeys } from './signing-keys.ts';

/** How long a session lasts; nothing prolongs it. */
export const SESSION_LIFETIME_MS = SIGNED_LIFETIME_MS;

/** RFC 8725, section 3.11: what the gateway signs for another purpose has another type, and is no session. */
const type = 'keytide-session+jwt';
const audience = 'keytide';
const algorithm = 'EdDSA';
/** In characters; a token has about 450. */
const TOKEN_LENGTH_MAX = 4096;
/** How far ahead the clock of the node that signed may be, in seconds. The end of a token has no leeway. */
const LEEWAY_SECONDS = 60;

/** What a session token says, and nothing else: who, in which session, from when to when. */
export interface SessionClaims {
  readonly accountId: string;
  readonly sessionId: string;
  readonly issuedAt: Date;
  /** The first instant at which it is over; to the second. */
  readonly expiresAt: Date;
}

/**
 * Session tokens: JWTs (RFC 7519) signed with EdDSA, for 12 hours. A token that verifies was signed by this gateway and is
 * in its time; whether its session was ended is told by the session's row alone.
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
   * A token from now on, for 12 hours or until the end of its session, where that is known and sooner. Store a new session with
   * the instants given here: to the second, as the token has them.
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
      .setAudience(audience)
      .setSubject(accountId)
      .setIssuedAt(issuedSecond)
      .setExpirationTime(expirySecond)
      .sign(privateKey);
    return { token, accountId, sessionId, issuedAt: atSecond(issuedSecond), expiresAt: atSecond(expirySecond) };
  }

  /**
   * What a token says, or null when it is not one of ours or not in its time: which of these is told to nobody. Throws
   * only when the signing keys cannot be read, so that the answer is not known.
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

/** The id of the key that a token says it is signed by; null when the header is not exactly as ours are. */
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
  // One audience, as a text: a token for several is not one of ours.
  if (aud !== audience || typeof sub !== 'string' || typeof sid !== 'string') return null;
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
