import type { Command } from './command.ts';
import { accountsCommand } from './commands/accounts.ts';
import { checkCommand } from './commands/check.ts';
import { createCompletionCommand } from './commands/completion.ts';
import { disableCommand } from './commands/disable.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exchangeCommand } from './commands/exchange.ts';
import { explainCommand } from './commands/explain.ts';
import { holdCommand } from './commands/hold.ts';
import { inviteCommand } from './commands/invite.ts';
import { issueCommand } from './commands/issue.ts';
import { keepCommand } from './commands/keep.ts';
import { listCommand } from './commands/list.ts';
import { loginCommand } from './commands/login.ts';
import { logoutCommand } from './commands/logout.ts';
import { realmsCommand } from './commands/realms.ts';
import { renewCommand } from './commands/renew.ts';
import { renewKeyCommand } from './commands/renew-key.ts';
import { resumeCommand } from './commands/resume.ts';
import { revokeCommand } from './commands/revoke.ts';
import { rotateCommand } from './commands/rotate.ts';
import { showCommand } from './commands/show.ts';
import { undoCommand } from './commands/undo.ts';
import { watchCommand } from './commands/watch.ts';

/** The commands that need no module of the gateway. The package `@keytide/client` has only these. */
export const clientCommands: readonly Command[] = [
  loginCommand,
  logoutCommand,
  exchangeCommand,
  issueCommand,
  listCommand,
  showCommand,
  explainCommand,
  rotateCommand,
  undoCommand,
  renewKeyCommand,
  holdCommand,
  resumeCommand,
  revokeCommand,
  keepCommand,
  renewCommand,
  watchCommand,
  checkCommand,
  doctorCommand,
  realmsCommand,
  accountsCommand,
  inviteCommand,
  disableCommand,
];

/** Returns the commands in the order in which the help lists them, and adds the command that prints completions. */
export function createCommandTable(commands: readonly Command[]): readonly Command[] {
  const table: readonly Command[] = [...commands, createCompletionCommand(() => table)];
  return table;
}
