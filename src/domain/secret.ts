import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Sensitive } from './sensitive.ts';

const prefix = 'kt_';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 256 random bits cannot be guessed, so that a fast digest without salt is enough to store them. */
const RANDOM_BYTES = 32;
/** 62^43 is the first power of 62 above 2^256, 62^6 the first above 2^32. */
const RANDOM_DIGITS = 43;
const CHECKSUM_DIGITS = 6;

/** How many characters of a secret people see: the prefix and 6 digits, which leaves more than 220 bits unknown. */
export const SECRET_START_LENGTH = prefix.length + 6;

/**
 * Finds secrets (52 characters) in any text. It is meant for secret scanners: it needs no look-around, which RE2 does not have,
 * and finds a secret that touches other letters. `parseSecret` then checks the checksum.
 */
export const SECRET_PATTERN = /kt_[0-9A-Za-z]{49}/;
const wholeSecret = new RegExp(`^${SECRET_PATTERN.source}$`);

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

  /** Returns the first 9 characters, by which people tell secrets apart. */
  get start(): string {
    return this.reveal().slice(0, SECRET_START_LENGTH);
  }

  /** Returns the SHA-256 digest of the text: the 32 bytes that are stored and looked up. */
  digest(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(hash('sha256', this.reveal(), 'buffer'));
  }
}

/**
 * Creates a secret from 32 random bytes: `kt_`, the bytes as a number of 43 digits in base 62, and a checksum of 6 digits. Leading
 * zeros stay, so that every number has exactly one text and all are equally likely.
 *
 * @throws RangeError if the random source does not return exactly 32 bytes.
 */
export function newSecret(random: (size: number) => Uint8Array): Secret {
  const bytes = random(RANDOM_BYTES);
  if (bytes.length !== RANDOM_BYTES) throw new RangeError(`${RANDOM_BYTES} random bytes expected, not ${bytes.length}`);
  const number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const payload = prefix + base62(number, RANDOM_DIGITS);
  return new Secret(payload + checksumOf(payload));
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

/** Compares two digests in constant time. */
export function isSameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function isSecretText(text: unknown): text is string {
  if (typeof text !== 'string' || !wholeSecret.test(text)) return false;
  return text.slice(-CHECKSUM_DIGITS) === checksumOf(text.slice(0, -CHECKSUM_DIGITS));
}

/** CRC-32 (ISO-HDLC, as in zlib). It detects every error burst of up to 32 bits, so every single wrong character. */
function checksumOf(payload: string): string {
  return base62(BigInt(crc32(payload)), CHECKSUM_DIGITS);
}

function base62(number: bigint, digitCount: number): string {
  let digits = '';
  for (let rest = number; digits.length < digitCount; rest /= 62n) {
    digits = alphabet.charAt(Number(rest % 62n)) + digits;
  }
  return digits;
}
