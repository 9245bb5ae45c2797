import { ClientError } from '../../client/client-error.ts';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { examineFolders } from '../examining/examine-folders.ts';
import { examineGateway } from '../examining/examine-gateway.ts';
import { examineSecrets } from '../examining/examine-secrets.ts';
import type { Finding } from '../examining/finding.ts';
import { CommandError, exitStatus, statusOf, worstOf } from '../exit-status.ts';
import { openLogin } from '../login/open-login.ts';
import { readLogin, type Login } from '../login/stored-login.ts';
import { whoIs } from '../login/who-is.ts';
import { plainLine, type Style } from '../output.ts';

const styles: { readonly [Result in Finding['result']]: Style } = { GOOD: 'green', WARNING: 'yellow', BAD: 'red' };

/**
 * Looks at all that the command stands on: its folders, the gateway, its clock and version, the login, the secrets of keys
 * that are kept. It changes nothing.
 *
 * With `--json`: `{ findings: [{ of, result, message }], status }`; result is GOOD, WARNING or BAD.
 */
export const doctor: Command = {
  name: 'doctor',
  summary: 'look at all that this command stands on',
  declare(parser) {
    parser
      .option('--url <url>', 'the gateway; $KEYTIDE_URL, or the one of the login, unless told')
      .option('--json', 'answer as JSON');
  },
  async run(context, { options }) {
    const { env, output, now, folders } = context;
    const login = await readLogin(folders).catch((error: unknown) => failed('login', error));
    const given = (options['url'] as string | undefined) ?? (env['KEYTIDE_URL'] || undefined);
    const url = given ?? (login !== null && 'url' in login ? login.url : undefined);
    const gateway = url === undefined ? [noGateway] : await examineGateway(url, now);
    const findings = [
      ...(await examineFolders(context)),
      ...gateway,
      login !== null && 'result' in login ? login : await examineLogin(context, login),
      ...(await examineSecrets(context)),
    ];
    const bad = findings.filter(({ result }) => result === 'BAD');
    const status = worstOf(bad.map((finding) => finding.status ?? exitStatus.UNAVAILABLE));
    output.json({ findings: findings.map(({ of, result, message }) => ({ of, result, message })), status });
    output.table(
      ['WHAT', 'FOUND', ''],
      findings.map(({ of, result, message }) => [of, output.style(styles[result], result), plainLine(message)]),
      '',
    );
    return status;
  },
};

const noGateway: Finding = {
  of: 'gateway',
  result: 'BAD',
  message: 'It is not said where the gateway is: give --url, or run keytide login --url.',
  status: exitStatus.CONFIG,
};

async function examineLogin(context: Context, login: Login | null): Promise<Finding> {
  const of = 'login';
  if (login === null) return { of, result: 'WARNING', message: 'Nobody is logged in: run keytide login.' };
  try {
    await openLogin(context);
    const { kind, name, expiresAt } = await whoIs(login.url, login.credential);
    const until = expiresAt === null ? '' : `, until ${expiresAt.toISOString()}`;
    return { of, result: 'GOOD', message: `You are ${kind === 'KEY' ? 'the key ' : ''}${name}${until}.` };
  } catch (error) {
    return failed(of, error);
  }
}

function failed(of: string, error: unknown): Finding {
  if (!(error instanceof CommandError || error instanceof ClientError)) throw error;
  return { of, result: 'BAD', message: error.message, status: statusOf(error) ?? exitStatus.UNAVAILABLE };
}
