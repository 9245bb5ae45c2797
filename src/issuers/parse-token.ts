import { hash } from 'node:crypto';
import type { Claims } from '../domain/claims.ts';
import { DAY_MS, SECOND_MS } from '../domain/duration.ts';
import { parseJsonObject } from './parse-json-object.ts';
import { refuseToken, type RefusedToken } from './refused-token.ts';

/** The longest token that is read, in characters. Those of providers have some 2,000. */
export const TOKEN_MAX_LENGTH = 8_000;

/** How far an issuer's clock may be from ours, and how long after it was made a token is taken at most. */
export const CLOCK_TOLERANCE_MS = 60 * SECOND_MS;
export const TOKEN_MAX_AGE_MS = DAY_MS;

/** What a signature is checked with: by public keys alone (RFC 7518, section 3.1; RFC 8037). */
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

/** Members of a header that say which key to take, or what else to do: nobody who is not trusted yet says that. */
const refusedHeaderMembers = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc'];

/** The longest text of `iss`, `aud`, `sub`, `jti` and `kid`, in characters. */
const TEXT_MAX_LENGTH = 1_000;

/** A token as it reads. Nobody knows yet who has written it. */
export interface ParsedToken {
  readonly text: string;
  readonly algorithm: string;
  readonly keyId: string | null;
  readonly issuer: string;
  readonly audience: string;
  readonly claims: Claims;
  /** `jti`; null: it has none. */
  readonly tokenId: string | null;
  /** SHA-256 of what is signed of it. Not of the signature, which can be written in several ways. */
  readonly signedDigest: Buffer;
  /** From then on it is not taken, whatever clock is asked. */
  readonly acceptedUntil: Date;
}

/**
 * Reads a token (RFC 7519, RFC 8725) and refuses it for all that can be told without the keys of its issuer, so that nothing
 * that is not well formed and of now has anybody asked for them.
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
    return refuseToken('MALFORMED', 'It is no signed token (JWT).');
  const found = headerProblem(header) ?? claimsProblem(claims);
  if (found !== null) return refuseToken('MALFORMED', found);
  const { iss, aud, exp, iat, nbf, jti } = claims as { iss: string; aud: unknown; exp: number; iat: number } & Claims;
  const ahead = now.getTime() + CLOCK_TOLERANCE_MS;
  const startsAt = Math.max(iat, typeof nbf === 'number' ? nbf : iat) * SECOND_MS;
  const overMs = Math.min(exp * SECOND_MS, iat * SECOND_MS + TOKEN_MAX_AGE_MS) + CLOCK_TOLERANCE_MS;
  if (startsAt > ahead) return refuseToken('NOT_NOW', 'The token is not good yet: iat or nbf lies ahead.');
  if (overMs <= now.getTime()) return refuseToken('NOT_NOW', 'The token is over: exp has come, or iat is a day ago.');
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

/** What stands for a token where its use is recorded, with its issuer: its own id, or where it has none what is signed of it. */
export function tokenUseDigest({ tokenId, signedDigest }: ParsedToken): Buffer<ArrayBuffer> {
  return Buffer.from(tokenId === null ? signedDigest : hash('sha256', tokenId, 'buffer'));
}

function headerProblem(header: Claims): string | null {
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || !acceptedAlgorithms.includes(alg)) {
    return `Its alg is none of those that are accepted: ${acceptedAlgorithms.join(', ')}.`;
  }
  const found = refusedHeaderMembers.find((name) => name in header);
  if (found !== undefined) return `Its header has ${found}, which is not accepted.`;
  if (kid !== undefined && !isShortText(kid)) return 'Its kid is no text.';
  const isTyped = typ === undefined || (typeof typ === 'string' && typ.toLowerCase() === 'jwt');
  return isTyped ? null : 'Its typ is not JWT.';
}

function claimsProblem(claims: Claims): string | null {
  const { aud, nbf, jti } = claims;
  const textless = ['iss', 'sub'].find((name) => !isShortText(claims[name]));
  if (textless !== undefined) return `It has no ${textless}, or one that is no text.`;
  if (singleAudience(aud) === null) return 'It has no aud, or one that is not exactly one text.';
  const timeless = ['exp', 'iat'].find((name) => !isTimestamp(claims[name]));
  if (timeless !== undefined) return `It has no ${timeless}, or one that is no number of seconds.`;
  if (nbf !== undefined && !isTimestamp(nbf)) return 'Its nbf is no number of seconds.';
  return jti === undefined || isShortText(jti) ? null : 'Its jti is no text.';
}

/** A token for several could be shown by one of them to another. */
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

/** Seconds since 1970, up to the year 9999. */
function isTimestamp(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < 253_402_300_800;
}

/** The text that a part of a token is; nothing, where it is not of UTF-8. */
function decodePart(part: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
  } catch {
    return '';
  }
}
