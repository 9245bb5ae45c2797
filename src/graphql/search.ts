import { textProblem } from '../domain/text.ts';
import { badUserInput } from '../domain/request-error.ts';

/** The longest text that a list can be searched for, in characters. */
const SEARCH_MAX = 100;

/** Returns the search text unchanged. Throws BAD_USER_INPUT if it is too long or malformed. */
export function checkSearch(search: string): string {
  const problem = textProblem(search, { name: 'search', max: SEARCH_MAX, mayHoldSecret: true });
  if (problem !== null) throw badUserInput(problem, ['filter', 'search']);
  return search;
}

/** Escapes the special characters of a LIKE pattern. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

/** Returns the Prisma condition for a text that contains the search, regardless of case. */
export function matchPart(search: string) {
  return { contains: escapeLike(search), mode: 'insensitive' as const };
}
