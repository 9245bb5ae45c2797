import { createInterface } from 'node:readline/promises';
import type { CommandContext } from './context.ts';
import { CommandError, exitStatus } from './exit-status.ts';

/**
 * Asks a person at a terminal, and gives the line that is typed.
 *
 * @throws CommandError USAGE where there is no terminal; it names the option that answers instead.
 */
export async function askPerson({ input, output }: CommandContext, question: string, option: string): Promise<string> {
  if (input.isTTY !== true) throw new CommandError(exitStatus.USAGE, `There is nobody to ask: give ${option}.`);
  output.note(question);
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return line.trim();
    return '';
  } finally {
    lines.close();
  }
}
