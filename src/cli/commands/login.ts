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

/** What the options are read as. */
interface Options {
  readonly url?: string;
  readonly withToken?: true;
  readonly name?: string;
}

/** A session token has about 450 characters, a secret 52. */
const TOKEN_MAX = 10_000;

/**
 * Logs this machine in: as an account, by a code that a person confirms in a browser, or with a session token or the secret
 * of a key from standard input. It is kept for its owner alone.
 *
 * With `--json`: `{ url, kind, id, name, expiresAt }`; kind is SESSION or KEY.
 */
export const loginCommand: Command = {
  name: 'login',
  summary: 'log in by a code that you confirm in a browser',
  declare(parser) {
    parser
      .option('--url <url>', 'the gateway; $KEYTIDE_URL, or the one of the last login, unless told')
      .option('--with-token', 'take a session token or the secret of a key from standard input instead')
      .option('--name <name>', 'what you call this machine; you and its name, unless told')
      .option('--json', 'answer as JSON');
  },
  async run(context, { options }) {
    const { url: told, withToken, name = `${userInfo().username}@${hostname()}` } = options as Options;
    const { folders, output, now } = context;
    const url = told ?? (context.env['KEYTIDE_URL'] || (await readLastUrl(context)));
    if (url === undefined) throw new CommandError(exitStatus.USAGE, 'Give the gateway by --url.');
    warnOfPlainHttp(output, url);
    let login: Login;
    if (withToken === true) {
      login = await verifyCredential(url, await readTokenFromInput(context));
    } else {
      const { token, expiresInSeconds } = await authorizeDevice(url, { clientId: 'keytide', name }, output);
      // By this machine's clock, whatever the gateway's is.
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

/** A login that cannot be read is one that is to be replaced. */
async function readLastUrl({ folders }: CommandContext): Promise<string | undefined> {
  return (await readLogin(folders).catch(() => null))?.url;
}

async function readTokenFromInput({ input }: CommandContext): Promise<Sensitive<string>> {
  if (input.isTTY === true) {
    const how = 'keytide login --with-token < file';
    throw new CommandError(exitStatus.USAGE, `A terminal would show the token: give it as ${how}.`);
  }
  const token = (await readAll(input)).trim();
  if (/^[\w.-]+$/.test(token) && token.length <= TOKEN_MAX) return new Sensitive(token);
  const found = token === '' ? 'nothing' : 'what is no token';
  const expected = 'one session token, or one secret of a key, is expected';
  throw new CommandError(exitStatus.DATA, `Found ${found} on standard input; ${expected}.`);
}
