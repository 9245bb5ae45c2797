import { Option } from 'commander';
import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { listAll } from '../list-all.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';

const SELECTION = 'id name email isAdministrator createdAt lastSignInAt disabledAt';

/** An account in its JSON form. The members are stable. */
interface AccountJson {
  readonly id: string;
  readonly name: string;
  /** Null: the caller may not see it. */
  readonly email: string | null;
  readonly isAdministrator: boolean;
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
  readonly disabledAt: string | null;
}

/** The parsed options. */
interface Options {
  readonly search?: string;
  readonly administrators?: true;
  readonly disabled?: true;
  readonly open?: true;
}

/**
 * Lists the accounts that the caller may see, oldest first.
 *
 * With `--json`: `{ accounts: [{ id, name, email, isAdministrator, createdAt, lastSignInAt, disabledAt }] }`.
 */
export const accountsCommand: Command = {
  declare(parser) {
    parser
      .option('--search <text>', 'only accounts whose name or address contains this text')
      .option('--administrators', 'only administrators of the gateway')
      .addOption(new Option('--disabled', 'only disabled accounts').conflicts('open'))
      .option('--open', 'only accounts that can sign in')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { options }) {
    const { output } = context;
    const { search, administrators, disabled, open } = options as Options;
    const { client } = await openLogin(context);
    const filter = {
      ...(search !== undefined && { search }),
      ...(administrators === true && { isAdministrator: true }),
      ...((disabled ?? open) === true && { isDisabled: disabled === true }),
    };
    const query = { field: 'accounts', filterType: 'AccountFilter', filter, select: SELECTION };
    const accounts = await listAll<AccountJson>(client, query);
    output.json({ accounts });
    output.table(
      ['ACCOUNT', 'NAME', 'EMAIL', 'STATE', 'LAST SIGN-IN'],
      accounts.map(({ id, name, email, isAdministrator, lastSignInAt, disabledAt }) => {
        const state = disabledAt !== null ? 'disabled' : isAdministrator ? 'administrator' : '';
        return [id, plainLine(name), plainLine(email ?? ''), state, lastSignInAt ?? 'never'];
      }),
      'No accounts match.',
    );
    return exitStatus.OK;
  },
};
