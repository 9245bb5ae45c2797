import { hash } from 'node:crypto';
import type { Claims } from '../domain/claims.ts';
import { DAY_MS, SECOND_MS } from '../domain/duration.ts';
import { parseJsonObject } from './parse-json-object.ts';
import { refuseToken, type RefusedToken } from './refused-token.ts';

/** The longest token that is accepted, in characters. Tokens of providers have about 2,000. */
export const TOKEN_MAX_LENGTH = 8_000;

/** How far an issuer's clock may differ from ours, and how long after its `iat` a token is accepted at most. */
export const CLOCK_TOLERANCE_MS = 60 * SECOND_MS;
export const TOKEN_MAX_AGE_MS = DAY_MS;

/** The accepted signature algorithms, all asymmetric (RFC 7518, section 3.1; RFC 8037). */
export const acceptedAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];

/** Header members that name a key or demand other processing. A token must not decide these before it is verified. */
const refusedHeaderMembers = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc'];

/** The longest `iss`, `aud`, `sub`, `jti` and `kid`, in characters. */
const TEXT_MAX_LENGTH = 1_000;

/** A parsed token. Its signature is not verified. */
export interface ParsedToken {
  readonly text: string;
  readonly algorithm: string;
  readonly keyId: string | null;
  readonly issuer: string;
  readonly audience: string;
  readonly claims: Claims;
  /** The `jti`; null: the token has none. */
  readonly tokenId: string | null;
  /** SHA-256 of the signed part, without the signature: one signature can be encoded in several ways. */
  readonly signedDigest: Buffer;
  /** From this instant on the token is refused, with clock tolerance included. */
  readonly acceptedUntil: Date;
}

/**
 * Parses a token (RFC 7519, RFC 8725) and makes every check that needs no keys, so that only a well-formed token within its
 * validity period causes a fetch of its issuer's keys.
 */
export function parseToken(text: string, now: Date): ParsedToken | RefusedToken {
  if (text.length > TOKEN_MAX_LENGTH) {
    return refuseToken(
      'MALFORMED',
      `The token has ${text.length} characters; at most ${TOKEN_MAX_LENGTH} are accepted.`,
    );
  }
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(text);
  const header = parseJsonObject(decodePart(parts?.[1] ?? ''));
  const claims = parseJsonObject(decodePart(parts?.[2] ?? ''));
  if (parts === null || header === null || claims === null)
    return refuseToken('MALFORMED', 'The token is not a signed JWT.');
  const found = headerProblem(header) ?? claimsProblem(claims);
  if (found !== null) return refuseToken('MALFORMED', found);
  const { iss, aud, exp, iat, nbf, jti } = claims as { iss: string; aud: unknown; exp: number; iat: number } & Claims;
  const ahead = now.getTime() + CLOCK_TOLERANCE_MS;
  const startsAt = Math.max(iat, typeof nbf === 'number' ? nbf : iat) * SECOND_MS;
  const overMs = Math.min(exp * SECOND_MS, iat * SECOND_MS + TOKEN_MAX_AGE_MS) + CLOCK_TOLERANCE_MS;
  if (startsAt > ahead) return refuseToken('NOT_NOW', 'The token is not valid yet: iat or nbf is in the future.');
  if (overMs <= now.getTime())
    return refuseToken('NOT_NOW', 'The token has expired: exp is in the past, or iat is more than a day ago.');
  return {
    text,
    algorithm: header['alg'] as string,
    keyId: typeof header['kid'] === 'string' ? header['kid'] : null,
    issuer: iss,
    audience: singleAudience(aud) ?? '',
    claims,
    tokenId: typeof jti === 'string' ? jti : null,
    signedDigest: Buffer.from(hash('sha256', `${parts[1]}.${parts[2]}`, 'buffer')),
    acceptedUntil: new Date(overMs),
  };
}

/** Returns the digest that, with the issuer, records a token's use: of its `jti`, or of its signed part if it has none. */
export function tokenUseDigest({ tokenId, signedDigest }: ParsedToken): Buffer<ArrayBuffer> {
  return Buffer.from(tokenId === null ? signedDigest : hash('sha256', tokenId, 'buffer'));
}

function headerProblem(header: Claims): string | null {
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || !acceptedAlgorithms.includes(alg)) {
    return `Its alg is not accepted; expected one of ${acceptedAlgorithms.join(', ')}.`;
  }
  const found = refusedHeaderMembers.find((name) => name in header);
  if (found !== undefined) return `Its header has ${found}, which is not accepted.`;
  if (kid !== undefined && !isShortText(kid)) return `Its kid is not a string of 1 to ${TEXT_MAX_LENGTH} characters.`;
  const isTyped = typ === undefined || (typeof typ === 'string' && typ.toLowerCase() === 'jwt');
  return isTyped ? null : 'Its typ is not JWT.';
}

function claimsProblem(claims: Claims): string | null {
  const { aud, nbf, jti } = claims;
  const notText = ['iss', 'sub'].find((name) => !isShortText(claims[name]));
  if (notText !== undefined) return `Its ${notText} is missing or not a string of 1 to ${TEXT_MAX_LENGTH} characters.`;
  if (singleAudience(aud) === null) return 'Its aud is missing or not exactly one string.';
  const notTime = ['exp', 'iat'].find((name) => !isTimestamp(claims[name]));
  if (notTime !== undefined) return `Its ${notTime} is missing or not a number of seconds.`;
  if (nbf !== undefined && !isTimestamp(nbf)) return 'Its nbf is not a number of seconds.';
  return jti === undefined || isShortText(jti)
    ? null
    : `Its jti is not a string of 1 to ${TEXT_MAX_LENGTH} characters.`;
}

/** Returns the only audience of a token; null for several: one of them could replay the token to another. */
function singleAudience(aud: unknown): string | null {
  const [first, ...others] = Array.isArray(aud) ? (aud as unknown[]) : [aud];
  return isShortText(first) && others.length === 0 ? first : null;
}

function isShortText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= TEXT_MAX_LENGTH &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}

/** Returns whether a value is a time in seconds since 1970, before the year 10000. */
function isTimestamp(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < 253_402_300_800;
}

/** Decodes a part of a token from base64url; empty if it is not UTF-8. */
function decodePart(part: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
  } catch {
    return '';
  }
}
