import { Option } from 'commander';
import { Sensitive } from '../../domain/sensitive.ts';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { openLogin } from '../login/open-login.ts';
import { runMutation } from '../run-mutation.ts';
import {
  declareSecretPlace,
  discardSecretPlace,
  openSecretPlace,
  writeSecret,
  type SecretOptions,
} from '../secret-place.ts';

/** The parsed options. */
interface Options extends SecretOptions {
  readonly organization?: string;
  readonly role?: string;
  readonly administrator?: true;
}

interface Invitation {
  readonly token: string | null;
  readonly expiresAt: string;
}

/**
 * Invites a person to create an account. The token of the invitation is a secret: it is written to a file or, on request,
 * to standard output.
 *
 * With `--json`: `{ email, expiresAt, tokenFile }`, with `--show` `{ email, expiresAt, token }`.
 */
export const inviteCommand: Command = {
  declare(parser) {
    parser
      .argument('<email>', 'address of the new account')
      .option('--organization <id>', 'organization that the account joins')
      .addOption(new Option('--role <role>', 'its role there').choices(['owner', 'admin', 'member']))
      .option('--administrator', 'let the account administer the gateway');
    declareSecretPlace(parser).option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [email], options }) {
    const { output } = context;
    const flags = options as Options;
    const { organization, role, administrator } = flags;
    if ((organization === undefined) !== (role === undefined)) {
      throw new CommandError(
        exitStatus.USAGE,
        'Found only one of --organization and --role; expected both or neither.',
      );
    }
    const { client } = await openLogin(context);
    const place = await openSecretPlace(flags);
    const input = {
      email,
      ...(organization !== undefined && { organization, role: role?.toUpperCase() }),
      ...(administrator === true && { administrator }),
    };
    const mutation = { name: 'inviteAccount', input, select: 'token expiresAt' };
    const { token, expiresAt } = await runMutation<Invitation>(client, mutation).catch(async (error: unknown) => {
      await discardSecretPlace(place);
      throw error;
    });
    if (token === null) {
      await discardSecretPlace(place);
      throw new CommandError(
        exitStatus.UNAVAILABLE,
        'The invitation exists, but its token cannot be shown: invite again.',
      );
    }
    await writeSecret(context, place, new Sensitive(token));
    output.json({ email, expiresAt, ...(place.file === null ? { token } : { tokenFile: place.file }) });
    const where = place.file === null ? 'above' : `in ${place.file}`;
    output.note(`The token of the invitation is ${where}. Hand it over before ${expiresAt}: it creates the account.`);
    return exitStatus.OK;
  },
};
