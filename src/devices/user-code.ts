import type { Random } from '../store/random.ts';
import type { Sealer } from '../store/sealing.ts';

/** RFC 8628, section 6.1: letters that are hard to mistake for each other and make no words; upper case alone. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';

/** Of 20 letters: 34 bits, which is enough for ten minutes in which guesses are few (RFC 8628, section 5.1). */
const LENGTH = 8;

/** Bytes from here on are drawn again, so that every letter is as likely as any other. */
const BYTE_END = 256 - (256 % ALPHABET.length);

/** A new user code, as it is shown: WDJB-MJHT. */
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
 * What the row of a device is found by: the same however a person types the code. Under the sealing key, for whoever has
 * the database could try all codes.
 */
export function digestUserCode(sealer: Sealer, userCode: string): Buffer<ArrayBuffer> {
  return sealer.mac('user code', userCode.toUpperCase().replaceAll(/[^A-Z]/g, ''));
}
