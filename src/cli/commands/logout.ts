import { ClientError } from '../../client/client-error.ts';
import { openClient } from '../../client/client.ts';
import type { Command } from '../command.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { readLogin, removeLogin } from '../login/stored-login.ts';

/**
 * Forgets the login, and ends its session at the gateway. A key is forgotten, and goes on.
 *
 * With `--json`: `{ url, wasLoggedIn, sessionEnded }`; url is null where nobody was logged in.
 */
export const logoutCommand: Command = {
  name: 'logout',
  summary: 'forget the login and end its session',
  declare(parser) {
    parser.option('--json', 'answer as JSON');
  },
  async run({ folders, output }) {
    const login = await readLogin(folders);
    if (login === null) {
      output.json({ url: null, wasLoggedIn: false, sessionEnded: false });
      output.line('Nobody is logged in.');
      return exitStatus.OK;
    }
    const { url, credential, kind, expiresAt } = login;
    let isEnded = false;
    let status: ExitStatus = exitStatus.OK;
    if (kind === 'SESSION') {
      try {
        const client = openClient({ url, credential: () => credential.reveal() });
        isEnded = (await client.ask<{ signOut: boolean }>({ query: 'mutation { signOut }' })).signOut;
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        // A session that the gateway refuses is over already.
        if (error.code !== 'UNAUTHENTICATED') {
          const until = expiresAt === null ? '' : ` until ${expiresAt.toISOString()}`;
          output.note(`${error.message} The login is forgotten here, and its session goes on${until}.`);
          status = exitStatus.TEMPORARY;
        }
      }
    }
    await removeLogin(folders);
    output.json({ url, wasLoggedIn: true, sessionEnded: isEnded });
    if (status === exitStatus.OK) output.line(`Logged out of ${url}.`);
    return status;
  },
};
