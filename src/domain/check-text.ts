import { badUserInput } from './request-error.ts';
import { textProblem } from './text.ts';

/** Throws for a text of the input that is empty, too long (in characters) or has characters that no text has. */
export function checkText(field: string, value: string, max: number): void {
  const problem = textProblem(value, { name: field, max });
  if (problem !== null) throw badUserInput(problem, ['input', field]);
}

/** The longest reason that a person may give. */
export const LONGEST_REASON = 500;
