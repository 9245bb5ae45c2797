import { createHash } from 'node:crypto';

/** How many random bytes a sealed text has, so that a short text cannot be found by trying. */
const NONCE_BYTES = 32;

/** What the digest is of, so that no digest of another kind is taken for it. */
const PURPOSE = 'keytide sealed text 1';

/** A text whose digest is published before the text itself. */
export interface SealedText {
  /** UTF-8. It is digested exactly as it is: no trimming, no normalization. */
  readonly text: string;
  /** 32 random bytes, in hex. They are published with the text. */
  readonly nonce: string;
}

/**
 * Returns the digest of a text: SHA-256, in hex, of three lines in UTF-8 that end with LF, and the text: the purpose, the nonce in
 * lower case, and the length of the text in bytes. The text and the nonce always give the same digest; without
 * the nonce no text can be tried.
 *
 * @throws RangeError if the nonce is not 32 bytes in hex.
 */
export function digestSealedText({ text, nonce }: SealedText): string {
  if (!isNonce(nonce)) throw new RangeError(`nonce: expected ${NONCE_BYTES} bytes in hex`);
  const bytes = Buffer.from(text, 'utf8');
  const head = `${PURPOSE}\n${nonce.toLowerCase()}\n${bytes.length}\n`;
  return createHash('sha256').update(head).update(bytes).digest('hex');
}

/** Whether a text is the one whose digest was published. */
export function opensSealedText(sealed: SealedText, digest: string): boolean {
  return isNonce(sealed.nonce) && digestSealedText(sealed) === digest.toLowerCase();
}

function isNonce(nonce: string): boolean {
  return nonce.length === 2 * NONCE_BYTES && /^[0-9a-f]*$/i.test(nonce);
}
