import { ClientError } from '../../client/client-error.ts';
import { openClient } from '../../client/client.ts';
import type { Command } from '../command.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { readLogin, removeLogin } from '../login/stored-login.ts';

/**
 * Deletes the login and ends its session at the gateway. If the login is a key, the key stays valid.
 *
 * With `--json`: `{ url, wasLoggedIn, sessionEnded }`; url is null without a login.
 */
export const logoutCommand: Command = {
  declare(parser) {
    parser.option('--json', 'print the result as JSON');
  },
  async run({ folders, output }) {
    const login = await readLogin(folders);
    if (login === null) {
      output.json({ url: null, wasLoggedIn: false, sessionEnded: false });
      output.line('Not logged in.');
      return exitStatus.OK;
    }
    const { url, credential, kind, expiresAt } = login;
    let hasEnded = false;
    let status: ExitStatus = exitStatus.OK;
    if (kind === 'SESSION') {
      try {
        const client = openClient({ url, credential: () => credential.reveal() });
        hasEnded = (await client.ask<{ signOut: boolean }>({ query: 'mutation { signOut }' })).signOut;
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        // UNAUTHENTICATED: the session has ended already.
        if (error.code !== 'UNAUTHENTICATED') {
          const until = expiresAt === null ? '' : ` until ${expiresAt.toISOString()}`;
          output.note(`${error.message} The login was deleted here, but its session may still be valid${until}.`);
          status = exitStatus.TEMPORARY;
        }
      }
    }
    await removeLogin(folders);
    output.json({ url, wasLoggedIn: true, sessionEnded: hasEnded });
    if (status === exitStatus.OK) output.line(`Logged out of ${url}.`);
    return status;
  },
};
