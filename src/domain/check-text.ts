import { badUserInput } from './request-error.ts';
import { textProblem } from './text.ts';

/** Throws `BAD_USER_INPUT` for an input text that is empty, longer than `max` code points, or has characters that no text may have. */
export function checkText(field: string, value: string, max: number): void {
  const problem = textProblem(value, { name: field, max });
  if (problem !== null) throw badUserInput(problem, ['input', field]);
}

/** Throws `BAD_USER_INPUT` as `checkText` does, but accepts line breaks and tabs. */
export function checkLongText(field: string, value: string, max: number): void {
  const problem = textProblem(value, { name: field, max, multiline: true });
  if (problem !== null) throw badUserInput(problem, ['input', field]);
}

/** The longest reason that a person may give, in code points. */
export const LONGEST_REASON = 500;
