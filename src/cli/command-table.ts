import type { Command } from './command.ts';
import { check } from './commands/check.ts';
import { checkPolicy } from './commands/check-policy.ts';
import { completionOf } from './commands/completion.ts';
import { doctor } from './commands/doctor.ts';
import { explain } from './commands/explain.ts';
import { issue } from './commands/issue.ts';
import { keep } from './commands/keep.ts';
import { list } from './commands/list.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { renew } from './commands/renew.ts';
import { revoke } from './commands/revoke.ts';
import { rotate } from './commands/rotate.ts';
import { serve } from './commands/serve.ts';
import { show } from './commands/show.ts';
import { undo } from './commands/undo.ts';
import { watch } from './commands/watch.ts';

/** Every command, in the order in which they are listed. */
export const commandTable: readonly Command[] = [
  serve,
  login,
  logout,
  issue,
  list,
  show,
  explain,
  rotate,
  undo,
  revoke,
  keep,
  renew,
  watch,
  check,
  checkPolicy,
  doctor,
  completionOf(() => commandTable),
];
