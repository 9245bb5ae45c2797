import { clientCommands, createCommandTable } from './command-table.ts';
import { checkPolicyCommand } from './commands/check-policy.ts';
import { resealCommand } from './commands/reseal.ts';
import { serveCommand } from './commands/serve.ts';

/** The commands of the package `keytide`. */
export const commandTable = createCommandTable([serveCommand, ...clientCommands, checkPolicyCommand, resealCommand]);
