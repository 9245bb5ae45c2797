import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Sensitive } from './sensitive.ts';

const prefix = 'kt_';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 256 random bits: nothing that is guessed, so a plain fast digest is enough to store them. */
const RANDOM_BYTES = 32;
/** 62^43 is the first power of 62 above 2^256, 62^6 the first above 2^32. */
const RANDOM_DIGITS = 43;
const CHECKSUM_DIGITS = 6;

/** How many characters of a secret people are shown: the prefix and 6 digits, which leaves more than 220 bits unknown. */
export const SECRET_START_LENGTH = prefix.length + 6;

/**
 * Finds secrets in any text: 52 characters. Made for scanners, so it is plain (no look-around, which RE2 has not) and
 * takes a secret that is glued to other letters; `parseSecret` then tells by the checksum whether it is one.
 */
export const SECRET_PATTERN = /kt_[0-9A-Za-z]{49}/;
const wholeSecret = new RegExp(`^${SECRET_PATTERN.source}$`);

/**
 * The string that is sent, well formed by construction. It prints as `[secret]` wherever a value is printed: in a
 * template, JSON, `inspect`, an error; a clone or a spread of it is empty. Only `reveal` gives the text, for the one
 * caller that it is shown to.
 */
export class Secret extends Sensitive<string> {
  /** @throws TypeError, without repeating the text, when it is no secret. `parseSecret` asks first. */
  constructor(text: string) {
    if (!isSecretText(text)) throw new TypeError('not the text of a secret');
    super(text);
  }

  /** The first 9 characters, by which people tell secrets apart. */
  get start(): string {
    return this.reveal().slice(0, SECRET_START_LENGTH);
  }

  /** SHA-256 of the text: the 32 bytes that are stored, and looked up. */
  digest(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(hash('sha256', this.reveal(), 'buffer'));
  }
}

/**
 * A new secret from 32 random bytes: `kt_`, the bytes as one number in 43 digits of base 62 (leading zeros kept, so that
 * every number has its one text and none is likelier than another), and a checksum of 6 digits.
 *
 * @throws RangeError when the source does not give exactly 32 bytes.
 */
export function newSecret(random: (size: number) => Uint8Array): Secret {
  const bytes = random(RANDOM_BYTES);
  if (bytes.length !== RANDOM_BYTES) throw new RangeError(`${RANDOM_BYTES} random bytes expected, not ${bytes.length}`);
  const number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const payload = prefix + base62(number, RANDOM_DIGITS);
  return new Secret(payload + checksumOf(payload));
}

/**
 * The secret that a text is, or null. Tells by shape and checksum alone, which anyone can compute: what passes may be
 * unknown, what does not never was a secret. Never throws, whatever is given.
 */
export function parseSecret(text: unknown): Secret | null {
  return isSecretText(text) ? new Secret(text) : null;
}

/** Whether two digests are the same, in a time that does not tell where they differ. */
export function isSameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function isSecretText(text: unknown): text is string {
  if (typeof text !== 'string' || !wholeSecret.test(text)) return false;
  return text.slice(-CHECKSUM_DIGITS) === checksumOf(text.slice(0, -CHECKSUM_DIGITS));
}

/** CRC-32 (ISO-HDLC, as in zlib): finds every slip in up to 32 bits in a row, so every single wrong character. */
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
