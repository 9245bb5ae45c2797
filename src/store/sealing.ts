import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import type { Random } from './random.ts';

/** Size of the sealing key in bytes (AES-256). */
export const SEALING_KEY_SIZE = 32;

/** Layout of a sealed text: version, id of the sealing key, nonce, ciphertext, tag. Sizes in bytes. */
const version = 1;
const keyIdSize = 4;
const nonceSize = 12; // NIST SP 800-38D, section 8.2: 96 bits.
const tagSize = 16;
const headerSize = 1 + keyIdSize;

/** How many derived keys are retained: the purposes of MACs are a fixed few. */
const MAC_KEYS_MAX = 100;

/**
 * A text that cannot be sealed or opened. The message gives the reason, as far as it is known, and holds nothing
 * secret.
 */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/**
 * Encrypts texts that must be readable again, so that the database alone reveals none of them: AES-256-GCM with a
 * random nonce, under a key derived from the sealing key by HKDF-SHA-256 (RFC 5869). The context (for example
 * `signing-key:<id>`) is authenticated as well, so that a sealed text that is moved to another row does not open there.
 *
 * A sealed text is 33 bytes longer than its content. One derived key may seal 2^32 texts (NIST SP 800-38D, 8.3).
 */
export class Sealer {
  readonly #sealingKey: Uint8Array;
  readonly #random: Random;
  readonly #keyId: Buffer;
  readonly #key: Buffer;
  /** Derived keys by purpose: an import computes thousands of MACs. */
  readonly #macKeys = new Map<string, KeyObject>();

  /** `sealingKey` is 32 bytes; the parts select the derived key. */
  constructor(sealingKey: Uint8Array, random: Random, parts: readonly string[] = []) {
    if (sealingKey.length !== SEALING_KEY_SIZE) {
      throw new SealError(`Sealing key: found ${sealingKey.length} bytes; expected ${SEALING_KEY_SIZE}.`);
    }
    this.#sealingKey = sealingKey;
    this.#random = random;
    this.#keyId = deriveBytes(sealingKey, ['key-id'], keyIdSize);
    this.#key = deriveBytes(sealingKey, ['seal', ...parts], SEALING_KEY_SIZE);
  }

  /** The id of the sealing key, in hexadecimal: what is sealed begins with the version and this id. */
  get keyId(): string {
    return this.#keyId.toString('hex');
  }

  /**
   * Returns a sealer under another derived key, which requires the sealing key and all parts: for a repeatable secret
   * these are the idempotency key and the caller. Other parts, or the same characters split differently, give another
   * key.
   */
  derive(purpose: string, ...parts: readonly string[]): Sealer {
    return new Sealer(this.#sealingKey, this.#random, [purpose, ...parts]);
  }

  /** Seals a text. Throws a SealError for a lone surrogate, which UTF-8 cannot restore. */
  seal(text: string, context: string): Uint8Array<ArrayBuffer> {
    if (!text.isWellFormed()) throw new SealError('A text with a lone surrogate cannot be sealed.');
    const header = Buffer.concat([Uint8Array.of(version), this.#keyId]);
    const nonce = this.#random(nonceSize);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagSize });
    cipher.setAAD(Buffer.concat([header, encode(context)]));
    const ciphertext = [cipher.update(text, 'utf8'), cipher.final()];
    return new Uint8Array(Buffer.concat([header, nonce, ...ciphertext, cipher.getAuthTag()]));
  }

  /**
   * Returns the text that was sealed. Throws a SealError for another key, other parts, another context or changed
   * bytes.
   */
  open(sealed: Uint8Array, context: string): string {
    const bytes = Buffer.from(sealed);
    if (bytes.length < headerSize + nonceSize + tagSize)
      throw new SealError(
        `Sealed text: found ${bytes.length} bytes; expected at least ${headerSize + nonceSize + tagSize}.`,
      );
    if (bytes[0] !== version) throw new SealError(`Sealed text: found version ${bytes[0]}; expected ${version}.`);
    const header = bytes.subarray(0, headerSize);
    if (!header.subarray(1).equals(this.#keyId)) {
      throw new SealError(
        'The text was sealed under another sealing key. Start the gateway with its previous sealing key.',
      );
    }
    const nonce = bytes.subarray(headerSize, headerSize + nonceSize);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagSize });
    decipher.setAAD(Buffer.concat([header, encode(context)]));
    decipher.setAuthTag(bytes.subarray(-tagSize));
    try {
      const plain = decipher.update(bytes.subarray(headerSize + nonceSize, -tagSize));
      return Buffer.concat([plain, decipher.final()]).toString('utf8');
    } catch {
      throw new SealError('The sealed text cannot be opened: it was changed, or belongs to another context.');
    }
  }

  /** Returns a MAC of a text. Computing it requires the sealing key, so the text cannot be guessed from it. */
  mac(purpose: string, text: string): Buffer<ArrayBuffer> {
    let key = this.#macKeys.get(purpose);
    if (key === undefined) {
      key = createSecretKey(deriveBytes(this.#sealingKey, ['mac', purpose], SEALING_KEY_SIZE));
      if (this.#macKeys.size < MAC_KEYS_MAX) this.#macKeys.set(purpose, key);
    }
    return createHmac('sha256', key).update(encode(text)).digest();
  }
}

/**
 * Derives bytes by HKDF, with a digest of the parts as info, because the parts may be longer than the 1,024 bytes that
 * Node accepts. Each part is preceded by its length, so that no two lists give the same digest input.
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

/** Encodes as UTF-16, the only encoding that is distinct for every string, lone surrogates included. */
function encode(text: string): Buffer<ArrayBuffer> {
  return Buffer.from(text, 'utf16le');
}
