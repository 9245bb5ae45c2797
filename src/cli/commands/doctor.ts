import { ClientError } from '../../client/client-error.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { examineFolders } from '../doctor/examine-folders.ts';
import { examineGateway } from '../doctor/examine-gateway.ts';
import { examineSecrets } from '../doctor/examine-secrets.ts';
import type { DoctorFinding } from '../doctor/doctor-finding.ts';
import { CommandError, exitStatus, toExitStatus, pickWorstExitStatus } from '../exit-status.ts';
import { openLogin } from '../login/open-login.ts';
import { readLogin, type Login } from '../login/stored-login.ts';
import { verifyCredential } from '../login/verify-credential.ts';
import { plainLine, type Style } from '../output.ts';

const resultStyles: { readonly [Result in DoctorFinding['result']]: Style } = {
  GOOD: 'green',
  WARNING: 'yellow',
  BAD: 'red',
};

/**
 * Looks at all that the command stands on: its folders, the gateway, its clock and version, the login, the secrets of keys
 * that are kept. It changes nothing.
 *
 * With `--json`: `{ findings: [{ of, result, message }], status }`; result is GOOD, WARNING or BAD.
 */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'look at all that this command stands on',
  declare(parser) {
    parser
      .option('--url <url>', 'the gateway; $KEYTIDE_URL, or the one of the login, unless told')
      .option('--json', 'answer as JSON');
  },
  async run(context, { options }) {
    const { env, output, now, folders } = context;
    const login = await readLogin(folders).catch((error: unknown) => toFailedFinding('login', error));
    const given = (options['url'] as string | undefined) ?? (env['KEYTIDE_URL'] || undefined);
    const url = given ?? (login !== null && 'url' in login ? login.url : undefined);
    const gateway = url === undefined ? [missingGateway] : await examineGateway(url, now);
    const findings = [
      ...(await examineFolders(context)),
      ...gateway,
      login !== null && 'result' in login ? login : await examineLogin(context, login),
      ...(await examineSecrets(context)),
    ];
    const bad = findings.filter(({ result }) => result === 'BAD');
    const status = pickWorstExitStatus(bad.map((finding) => finding.status ?? exitStatus.UNAVAILABLE));
    output.json({
      findings: findings.map(({ subject, result, message }) => ({ of: subject, result, message })),
      status,
    });
    output.table(
      ['WHAT', 'FOUND', ''],
      findings.map(({ subject, result, message }) => [
        subject,
        output.style(resultStyles[result], result),
        plainLine(message),
      ]),
      '',
    );
    return status;
  },
};

const missingGateway: DoctorFinding = {
  subject: 'gateway',
  result: 'BAD',
  message: 'It is not said where the gateway is: give --url, or run keytide login --url.',
  status: exitStatus.CONFIG,
};

async function examineLogin(context: CommandContext, login: Login | null): Promise<DoctorFinding> {
  const of = 'login';
  if (login === null) return { subject: of, result: 'WARNING', message: 'Nobody is logged in: run keytide login.' };
  try {
    await openLogin(context);
    const { kind, name, expiresAt } = await verifyCredential(login.url, login.credential);
    const until = expiresAt === null ? '' : `, until ${expiresAt.toISOString()}`;
    return { subject: of, result: 'GOOD', message: `You are ${kind === 'KEY' ? 'the key ' : ''}${name}${until}.` };
  } catch (error) {
    return toFailedFinding(of, error);
  }
}

function toFailedFinding(of: string, error: unknown): DoctorFinding {
  if (!(error instanceof CommandError || error instanceof ClientError)) throw error;
  return { subject: of, result: 'BAD', message: error.message, status: toExitStatus(error) ?? exitStatus.UNAVAILABLE };
}
