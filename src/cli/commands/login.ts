import { hostname, userInfo } from 'node:os';
import { text as readAll } from 'node:stream/consumers';
import { Sensitive } from '../../domain/sensitive.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { authorizeDevice } from '../login/authorize-device.ts';
import { readLogin, writeLogin, type Login } from '../login/stored-login.ts';
import { verifyCredential } from '../login/verify-credential.ts';
import { plainLine } from '../output.ts';
import { warnOfPlainHttp } from '../warn-of-plain-http.ts';

/** The parsed options. */
interface Options {
  readonly url?: string;
  readonly withToken?: true;
  readonly name?: string;
}

/** Length limit in characters. A session token has about 450 characters, a secret at most 73. */
const TOKEN_MAX = 10_000;

/**
 * Logs this machine in: as an account, by a code that the user confirms in a browser, or with a session token or a
 * key's secret from standard input. The login is stored in a file that only its owner can read.
 *
 * With `--json`: `{ url, kind, id, name, expiresAt }`; kind is SESSION or KEY.
 */
export const loginCommand: Command = {
  declare(parser) {
    parser
      .option('--url <url>', 'the gateway; default $KEYTIDE_URL, else the gateway of the last login')
      .option('--with-token', 'read a session token or the secret of a key from standard input instead')
      .option('--name <name>', 'name of this machine; default user@hostname')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { options }) {
    const { url: givenUrl, withToken, name = `${findUserName()}@${hostname()}` } = options as Options;
    const { folders, output, now } = context;
    const url = givenUrl ?? (context.env['KEYTIDE_URL'] || (await readLastUrl(context)));
    if (url === undefined) throw new CommandError(exitStatus.USAGE, 'Give the URL of the gateway with --url.');
    warnOfPlainHttp(output, url);
    let login: Login;
    if (withToken === true) {
      login = await verifyCredential(url, await readTokenFromInput(context));
    } else {
      const { token, expiresInSeconds } = await authorizeDevice(url, { clientId: 'keytide', name }, output);
      // Expiry by this machine's clock: the gateway sends a duration, so its own clock does not matter.
      login = {
        ...(await verifyCredential(url, token)),
        expiresAt: new Date(now().getTime() + expiresInSeconds * 1000),
      };
    }
    await writeLogin(folders, login);
    const { kind, id, expiresAt } = login;
    output.json({ url, kind, id, name: login.name, expiresAt: expiresAt?.toISOString() ?? null });
    const until = expiresAt === null ? '' : `, until ${expiresAt.toISOString()}`;
    output.line(`Logged in to ${url} as ${kind === 'KEY' ? 'the key ' : ''}${plainLine(login.name)}${until}.`);
    return exitStatus.OK;
  },
};

/** Returns the URL of the last login. An unreadable login counts as none, because this login replaces it. */
async function readLastUrl({ folders }: CommandContext): Promise<string | undefined> {
  return (await readLogin(folders).catch(() => null))?.url;
}

async function readTokenFromInput({ input }: CommandContext): Promise<Sensitive<string>> {
  if (input.isTTY === true) {
    const usage = 'keytide login --with-token < file';
    throw new CommandError(exitStatus.USAGE, `A terminal would display the token. Use ${usage}.`);
  }
  const token = (await readAll(input)).trim();
  if (/^[\w.-]+$/.test(token) && token.length <= TOKEN_MAX) return new Sensitive(token);
  const found = token === '' ? 'nothing' : 'text that is not a token';
  const expected = 'expected one session token or one secret of a key';
  throw new CommandError(exitStatus.DATA, `Found ${found} on standard input; ${expected}.`);
}

/** Returns the name of this user. In a container it may be a number that the system has no name for. */
function findUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}
