import { createInterface } from 'node:readline/promises';
import type { CommandContext } from './context.ts';
import { CommandError, exitStatus } from './exit-status.ts';

/**
 * Asks a question on the terminal and returns the line that the user types.
 *
 * @throws CommandError USAGE if standard input is not a terminal; the message names the option that answers the
 *   question.
 */
export async function askPerson({ input, output }: CommandContext, question: string, option: string): Promise<string> {
  if (input.isTTY !== true)
    throw new CommandError(
      exitStatus.USAGE,
      `Standard input is not a terminal, so the command cannot ask. Give ${option}.`,
    );
  output.note(question);
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return line.trim();
    return '';
  } finally {
    lines.close();
  }
}
