import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';
import { runMutation } from '../run-mutation.ts';

/** A disabled account in its JSON form. */
interface DisabledAccount {
  readonly id: string;
  readonly name: string;
  readonly disabledAt: string | null;
}

/**
 * Disables an account: its sessions end at once, and it cannot sign in. Its keys keep working until policy ends them.
 *
 * With `--json`: `{ account: { id, name, disabledAt } }`.
 */
export const disableCommand: Command = {
  declare(parser) {
    parser
      .argument('<account>', 'id of the account: keytide accounts shows it')
      .requiredOption('--reason <text>', 'reason, for later reference')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [accountId], options }) {
    const { output } = context;
    const { client } = await openLogin(context);
    const input = { accountId, reason: options['reason'] };
    const mutation = { name: 'disableAccount', input, select: 'account { id name disabledAt }' };
    const { account } = await runMutation<{ readonly account: DisabledAccount }>(client, mutation);
    const { id, name, disabledAt } = account;
    output.json({ account: { id, name, disabledAt } });
    output.line(`${plainLine(name)} is disabled. Its keys keep working: keytide list --owner ${id}`);
    return exitStatus.OK;
  },
};
