import type { Command } from './command.ts';
import { serve } from './commands/serve.ts';

/** Every command, in the order in which they are listed. */
export const commandTable: readonly Command[] = [serve];
