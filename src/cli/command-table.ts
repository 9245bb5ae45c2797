import type { Command } from './command.ts';
import { keep } from './commands/keep.ts';
import { renew } from './commands/renew.ts';
import { serve } from './commands/serve.ts';

/** Every command, in the order in which they are listed. */
export const commandTable: readonly Command[] = [serve, keep, renew];
