import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { DEFAULT_SECRET_PREFIX, SECRET_PREFIX_MAX } from './secret-prefix.ts';
import { Sensitive } from './sensitive.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 256 random bits cannot be guessed, so that a fast digest without salt is enough to store them. */
const RANDOM_BYTES = 32;
/** 62^43 is the first power of 62 above 2^256, 62^6 the first above 2^32. */
const RANDOM_DIGITS = 43;
const CHECKSUM_DIGITS = 6;

/** The most digits that are a safe integer: 62^8 is below 2^53. */
const SAFE_DIGITS = 8;
const SAFE_POWER = 62n ** 8n;

const DIGITS = RANDOM_DIGITS + CHECKSUM_DIGITS;

/** How many digits of a secret people see after its prefix, which leaves more than 220 bits unknown. */
export const SECRET_START_DIGITS = 6;

/** The longest secret, in characters: the longest prefix and 49 digits. */
export const SECRET_MAX = SECRET_PREFIX_MAX + DIGITS;

/** A secret of any realm: a prefix, which ends at the last `_`, and 49 digits. Portal sessions and invitations (ktp_, kti_) are none. */
const wholeSecret = /^(?!kt[a-z]_)(?:[a-z0-9]+_){1,4}[0-9A-Za-z]{49}$/;

/** The digits of a possible secret in a text, and the `_` before them. */
const possibleDigits = /(?<=[a-z0-9])_[0-9A-Za-z]{49}/g;

/**
 * A key's secret, well formed by construction. It prints as `[secret]` everywhere: in a template, JSON, `inspect` or an error. A
 * clone or a spread of it is empty. Only `reveal` returns the text, for the one caller that may see it.
 */
export class Secret extends Sensitive<string> {
  /** @throws TypeError, without repeating the text, if it is not a secret. `parseSecret` checks first. */
  constructor(text: string) {
    if (!isSecretText(text)) throw new TypeError('not the text of a secret');
    super(text);
  }

  /** Returns the prefix and the first 6 digits, by which people tell secrets apart. */
  get start(): string {
    return this.reveal().slice(0, SECRET_START_DIGITS - DIGITS);
  }

  /** Returns the SHA-256 digest of the text: the 32 bytes that are stored and looked up. */
  digest(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(hash('sha256', this.reveal(), 'buffer'));
  }
}

/**
 * Creates a secret from 32 random bytes: the prefix of its realm, the bytes as a number of 43 digits in base 62, and 6 digits for
 * the CRC-32 of all before them. Leading zeros stay, so that every number has exactly one text and all are equally likely.
 *
 * @throws RangeError if the random source does not return exactly 32 bytes; TypeError if the prefix is not one of a secret.
 */
export function newSecret(random: (size: number) => Uint8Array, prefix: string = DEFAULT_SECRET_PREFIX): Secret {
  return new Secret(newSecretText(random, prefix));
}

/** Returns the text of a new credential in the form of a secret, with any prefix. @throws RangeError as `newSecret` */
export function newSecretText(random: (size: number) => Uint8Array, prefix: string): string {
  const bytes = random(RANDOM_BYTES);
  if (bytes.length !== RANDOM_BYTES) throw new RangeError(`${RANDOM_BYTES} random bytes expected, not ${bytes.length}`);
  const number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const payload = prefix + largeBase62(number, RANDOM_DIGITS);
  return payload + checksumOf(payload);
}

/** Whether a text is a prefix, 49 digits and the right checksum. Anyone can compute it: such a text may be unknown. */
export function hasSecretText(text: string, prefix: string): boolean {
  const isShaped = text.startsWith(prefix) && /^[0-9A-Za-z]{49}$/.test(text.slice(prefix.length));
  return isShaped && text.slice(-CHECKSUM_DIGITS) === checksumOf(text.slice(0, -CHECKSUM_DIGITS));
}

/**
 * Parses a secret; null: the text is not one. Checks only shape and checksum, which anyone can compute: a text that passes may be
 * unknown, a text that fails never was a secret. Never throws, whatever the argument.
 */
export function parseSecret(text: unknown): Secret | null {
  return isSecretText(text) ? new Secret(text) : null;
}

/**
 * Parses a secret as a caller presents it, in a header, a variable, a file or on standard input: white space around it, such as the
 * line end of a file, is ignored. Null: the rest is not a secret.
 */
export function parsePresentedSecret(text: string): Secret | null {
  return parseSecret(text.trim());
}

/**
 * Returns whether a text has the shape of a secret, whatever its checksum. Costs less than `parseSecret`: it decides what a
 * credential is to be taken for.
 */
export function isSecretShaped(text: string): boolean {
  return text.length <= SECRET_MAX && wholeSecret.test(text);
}

/**
 * Returns whether a text contains the secret of a key, of any realm, with or without other text around it. With the prefix `kt_`
 * the shape is enough; with another one the checksum must be right, because other products write names, `_` and many digits.
 */
export function containsSecret(text: string): boolean {
  if (text.length <= DIGITS) return false;
  for (const { index } of text.matchAll(possibleDigits)) {
    const end = index + 1 + DIGITS;
    if (text.endsWith(DEFAULT_SECRET_PREFIX, index + 1)) return true;
    // Letters before the secret may look like the beginning of its prefix.
    for (let start = index - 1; start >= 0 && index + 1 - start <= SECRET_PREFIX_MAX; start -= 1) {
      if (isSecretText(text.slice(start, end))) return true;
    }
  }
  return false;
}

/**
 * Returns the start by which a stored secret is found when a text begins like a secret: at most the prefix and 6 digits. Null: the
 * text does not begin like a secret, or names only a prefix.
 */
export function secretStartOf(text: string): string | null {
  const [, prefix = '', digits = ''] = /^((?:[a-z0-9]+_){1,4})([0-9A-Za-z]+)$/.exec(text) ?? [];
  return prefix === '' || prefix.length > SECRET_PREFIX_MAX ? null : prefix + digits.slice(0, SECRET_START_DIGITS);
}

/** Compares two digests in constant time. */
export function isSameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function isSecretText(text: unknown): text is string {
  if (typeof text !== 'string' || !isSecretShaped(text)) return false;
  return text.slice(-CHECKSUM_DIGITS) === checksumOf(text.slice(0, -CHECKSUM_DIGITS));
}

/** CRC-32 (ISO-HDLC, as in zlib). It detects every error burst of up to 32 bits, so every single wrong character. */
function checksumOf(payload: string): string {
  return base62(crc32(payload), CHECKSUM_DIGITS);
}

/** Writes a large number as digits, so many at a time that they are a safe integer. */
function largeBase62(number: bigint, digitCount: number): string {
  let digits = '';
  for (let rest = number; digits.length < digitCount; rest /= SAFE_POWER) {
    digits = base62(Number(rest % SAFE_POWER), Math.min(SAFE_DIGITS, digitCount - digits.length)) + digits;
  }
  return digits;
}

function base62(number: number, digitCount: number): string {
  let digits = '';
  for (let rest = number; digits.length < digitCount; rest = Math.floor(rest / 62)) {
    digits = alphabet.charAt(rest % 62) + digits;
  }
  return digits;
}
