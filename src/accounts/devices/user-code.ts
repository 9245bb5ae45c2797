import type { Random } from '../../store/random.ts';
import type { Sealer } from '../../store/sealing.ts';

/** Upper-case letters that are hard to confuse and form no words (RFC 8628, section 6.1). */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';

/** With 20 letters 34 bits: enough for ten minutes, as the rate of guesses is limited (RFC 8628, section 5.1). */
const LENGTH = 8;

/** Bytes from here on are rejected, so that every letter is equally likely. */
const BYTE_END = 256 - (256 % ALPHABET.length);

/** Returns a new user code in the form in which it is shown: WDJB-MJHT. */
export function newUserCode(random: Random): string {
  let letters = '';
  while (letters.length < LENGTH) {
    for (const byte of random(LENGTH)) {
      if (byte < BYTE_END && letters.length < LENGTH) letters += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
}

/**
 * Returns the MAC by which a device's row is found. Case, spaces and hyphens of the code do not matter. It is keyed
 * with the sealing key: a plain digest of such a short code could be brute-forced by anyone who has the database.
 */
export function digestUserCode(sealer: Sealer, userCode: string): Buffer<ArrayBuffer> {
  return sealer.mac('user code', userCode.toUpperCase().replaceAll(/[^A-Z]/g, ''));
}
