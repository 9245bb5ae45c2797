import { badUserInput } from '../domain/request-error.ts';
import { textProblem } from '../domain/text.ts';

/** The longest address that mail takes (RFC 5321, section 4.5.3.1.3), in characters. */
const LONGEST_EMAIL = 254;

/** One address in one form: what people type differs in case and space. */
export function foldEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** An address in its one form; throws for what can't be one. Only mail itself can tell whether someone reads it. */
export function checkEmail(email: string): string {
  const folded = foldEmail(email);
  const isAddress =
    /^[^\s@]+@[^\s@]+$/.test(folded) && textProblem(folded, { name: 'email', max: LONGEST_EMAIL }) === null;
  if (!isAddress)
    throw badUserInput('email: found what is no address; write it as name@example.com.', ['input', 'email']);
  return folded;
}
