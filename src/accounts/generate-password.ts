import { Sensitive } from '../domain/sensitive.ts';
import type { Random } from '../store/random.ts';

/** Generates a password of 144 random bits, for people to copy once and then change. */
export function generatePassword(random: Random): Sensitive<string> {
  return new Sensitive(Buffer.from(random(18)).toString('base64url'));
}
