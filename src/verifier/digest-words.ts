import { hash } from 'node:crypto';
import { DIGEST_WORDS } from './record-layout.ts';

/** The value of each hexadecimal digit; -1: it is not one. */
const valueOf = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value += 1) valueOf[value.toString(16).charCodeAt(0)] = value;

/** Writes a digest in hexadecimal as words. Returns whether it is a digest; otherwise the words are undefined. */
export function parseDigest(digest: string, words: Int32Array): boolean {
  if (digest.length !== DIGEST_WORDS * 8) return false;
  let isHex = true;
  for (let word = 0; word < DIGEST_WORDS; word += 1) {
    let bits = 0;
    for (let index = word * 8; index < word * 8 + 8; index += 1) {
      const digit = valueOf[digest.charCodeAt(index)] ?? -1;
      isHex &&= digit >= 0;
      bits = (bits << 4) | digit;
    }
    words[word] = bits;
  }
  return isHex;
}

/**
 * The encoding by which a digest comes as a text of 16 characters, each of two bytes, the low one first: a buffer costs more than
 * the digest itself. Node takes every encoding of its buffers; its types name some of them.
 */
const TWO_BYTES = 'ucs2' as 'binary';

/** Writes the SHA-256 digest of a text as words. */
export function writeDigestOf(text: string, words: Int32Array): void {
  const digest = hash('sha256', text, TWO_BYTES);
  for (let word = 0; word < DIGEST_WORDS; word += 1) {
    words[word] = (swapBytes(digest.charCodeAt(2 * word)) << 16) | swapBytes(digest.charCodeAt(2 * word + 1));
  }
}

function swapBytes(bits: number): number {
  return ((bits & 0xff) << 8) | (bits >>> 8);
}

/** Writes a digest as words. Returns whether it has the size of one; otherwise the words are undefined. */
export function writeDigest(digest: Uint8Array, words: Int32Array): boolean {
  for (let word = 0; word < DIGEST_WORDS; word += 1) {
    const at = word * 4;
    words[word] =
      ((digest[at] ?? 0) << 24) | ((digest[at + 1] ?? 0) << 16) | ((digest[at + 2] ?? 0) << 8) | (digest[at + 3] ?? 0);
  }
  return digest.length === DIGEST_WORDS * 4;
}

/** Returns the digest of words, in hexadecimal. */
export function formatDigest(read: (word: number) => number): string {
  let digest = '';
  for (let word = 0; word < DIGEST_WORDS; word += 1) digest += (read(word) >>> 0).toString(16).padStart(8, '0');
  return digest;
}
