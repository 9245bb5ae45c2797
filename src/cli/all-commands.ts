import { clientCommands, createCommandTable } from './command-table.ts';
import { backupCommand } from './commands/backup.ts';
import { checkPolicyCommand } from './commands/check-policy.ts';
import { resealCommand } from './commands/reseal.ts';
import { restoreCommand } from './commands/restore.ts';
import { serveCommand } from './commands/serve.ts';

/** The commands of the package `keytide`. */
export const commandTable = createCommandTable([
  serveCommand,
  ...clientCommands,
  checkPolicyCommand,
  backupCommand,
  restoreCommand,
  resealCommand,
]);
