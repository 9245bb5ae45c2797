import { badUserInput } from './request-error.ts';
import { textProblem } from './text.ts';

/** Maximum length of an address in mail (RFC 5321, section 4.5.3.1.3), in characters. */
const LONGEST_EMAIL = 254;

/** Returns the canonical form of an address: trimmed, in lower case. */
export function foldEmail(email: string): string {
  return email.trim().toLowerCase();
}

/**
 * Returns an address in its canonical form; throws BAD_USER_INPUT if it is malformed. Does not check that it exists.
 */
export function checkEmail(email: string, name = 'email', path = ['input', 'email']): string {
  const folded = foldEmail(email);
  const isAddress =
    /^[^\s@]+@[^\s@]+$/.test(folded) && textProblem(folded, { name: 'email', max: LONGEST_EMAIL }) === null;
  if (!isAddress) throw badUserInput(`${name}: found a text that is not an address; expected name@example.com.`, path);
  return folded;
}
