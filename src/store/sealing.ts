import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import type { Random } from './random.ts';

/** In bytes; AES-256. */
export const SEALING_KEY_SIZE = 32;

/** The layout of a sealed text: version, id of the sealing key, nonce, ciphertext, tag. Sizes in bytes. */
const version = 1;
const keyIdSize = 4;
const nonceSize = 12; // NIST SP 800-38D, section 8.2: 96 bits.
const tagSize = 16;
const headerSize = 1 + keyIdSize;

/** A sealed text that does not open; the message says why, as far as that can be known, and holds nothing secret. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/**
 * Seals what must be readable again, so that the database alone opens none of it: AES-256-GCM with a random nonce, under a
 * key derived from the sealing key by HKDF-SHA-256 (RFC 5869). The context (for example `signing-key:<id>`) is
 * authenticated with it, so that a sealed text moved to another row does not open there.
 *
 * A sealed text is 33 bytes longer than what is in it. One derived key may seal 2^32 texts (NIST SP 800-38D, 8.3).
 */
export class Sealer {
  readonly #sealingKey: Uint8Array;
  readonly #random: Random;
  readonly #keyId: Buffer;
  readonly #key: Buffer;

  /** `sealingKey` is 32 bytes; the parts say which of its derived keys this one seals under. */
  constructor(sealingKey: Uint8Array, random: Random, parts: readonly string[] = []) {
    if (sealingKey.length !== SEALING_KEY_SIZE) {
      throw new SealError(`The sealing key has ${sealingKey.length} bytes; it needs ${SEALING_KEY_SIZE}.`);
    }
    this.#sealingKey = sealingKey;
    this.#random = random;
    this.#keyId = deriveBytes(sealingKey, ['key-id'], keyIdSize);
    this.#key = deriveBytes(sealingKey, ['seal', ...parts], SEALING_KEY_SIZE);
  }

  /**
   * A sealer under another key, which only who has the sealing key and all parts can derive: for a repeatable secret the
   * idempotency key and the caller. Other parts, or the same letters divided otherwise, give another key.
   */
  derive(purpose: string, ...parts: readonly string[]): Sealer {
    return new Sealer(this.#sealingKey, this.#random, [purpose, ...parts]);
  }

  /** Seals a text. Half a character in it is refused with a SealError: it would not come back as it was. */
  seal(text: string, context: string): Uint8Array<ArrayBuffer> {
    if (!text.isWellFormed()) throw new SealError('Half a character cannot be sealed.');
    const header = Buffer.concat([Uint8Array.of(version), this.#keyId]);
    const nonce = this.#random(nonceSize);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagSize });
    cipher.setAAD(Buffer.concat([header, encode(context)]));
    const ciphertext = [cipher.update(text, 'utf8'), cipher.final()];
    return new Uint8Array(Buffer.concat([header, nonce, ...ciphertext, cipher.getAuthTag()]));
  }

  /** The text that was sealed. Throws a SealError for another key, other parts, another context or a changed text. */
  open(sealed: Uint8Array, context: string): string {
    const bytes = Buffer.from(sealed);
    if (bytes.length < headerSize + nonceSize + tagSize) throw new SealError('The sealed text is too short to be one.');
    if (bytes[0] !== version) throw new SealError(`The sealed text has version ${bytes[0]}; known is ${version}.`);
    const header = bytes.subarray(0, headerSize);
    if (!header.subarray(1).equals(this.#keyId)) {
      throw new SealError('It was sealed under another sealing key. Give the gateway the key that it had before.');
    }
    const nonce = bytes.subarray(headerSize, headerSize + nonceSize);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagSize });
    decipher.setAAD(Buffer.concat([header, encode(context)]));
    decipher.setAuthTag(bytes.subarray(-tagSize));
    try {
      const plain = decipher.update(bytes.subarray(headerSize + nonceSize, -tagSize));
      return Buffer.concat([plain, decipher.final()]).toString('utf8');
    } catch {
      throw new SealError('The sealed text does not open: it was changed, or belongs elsewhere.');
    }
  }

  /** A digest of a text that only who has the sealing key can compute, so that no one guesses the text from it. */
  mac(purpose: string, text: string): Buffer<ArrayBuffer> {
    const key = deriveBytes(this.#sealingKey, ['mac', purpose], SEALING_KEY_SIZE);
    return createHmac('sha256', key).update(encode(text)).digest();
  }
}

/**
 * HKDF with a digest of the parts as info: their list may be longer than the 1,024 bytes that Node takes. Each part goes
 * in with its length, so that no two lists give the same bytes.
 */
function deriveBytes(sealingKey: Uint8Array, parts: readonly string[], size: number): Buffer {
  const hash = createHash('sha256').update('keytide/1');
  for (const part of parts) {
    const bytes = encode(part);
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.length));
    hash.update(length).update(bytes);
  }
  return Buffer.from(hkdfSync('sha256', sealingKey, new Uint8Array(0), hash.digest(), size));
}

/** UTF-16, which alone has a form of its own for every string, half characters included. */
function encode(text: string): Buffer<ArrayBuffer> {
  return Buffer.from(text, 'utf16le');
}
