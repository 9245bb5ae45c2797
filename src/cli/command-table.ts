import type { Command } from './command.ts';
import { checkCommand } from './commands/check.ts';
import { checkPolicyCommand } from './commands/check-policy.ts';
import { createCompletionCommand } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { issueCommand } from './commands/issue.ts';
import { keepCommand } from './commands/keep.ts';
import { listCommand } from './commands/list.ts';
import { loginCommand } from './commands/login.ts';
import { logoutCommand } from './commands/logout.ts';
import { renewCommand } from './commands/renew.ts';
import { revokeCommand } from './commands/revoke.ts';
import { rotateCommand } from './commands/rotate.ts';
import { serveCommand } from './commands/serve.ts';
import { showCommand } from './commands/show.ts';
import { undoCommand } from './commands/undo.ts';
import { watchCommand } from './commands/watch.ts';

/** All commands, in the order in which the help lists them. */
export const commandTable: readonly Command[] = [
  serveCommand,
  loginCommand,
  logoutCommand,
  issueCommand,
  listCommand,
  showCommand,
  explainCommand,
  rotateCommand,
  undoCommand,
  revokeCommand,
  keepCommand,
  renewCommand,
  watchCommand,
  checkCommand,
  checkPolicyCommand,
  doctorCommand,
  createCompletionCommand(() => commandTable),
];
