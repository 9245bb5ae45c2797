import { ClientError } from '../../client/client-error.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { examineFolders } from '../doctor/examine-folders.ts';
import { examineGateway } from '../doctor/examine-gateway.ts';
import { examineRenewals } from '../doctor/examine-renewals.ts';
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
 * Checks everything that the command depends on: its folders, the gateway, clock and version, the login, and the
 * secrets and renewals of registered keys. Changes nothing.
 *
 * With `--json`: `{ findings: [{ of, result, message }], status }`; result is GOOD, WARNING or BAD.
 */
export const doctorCommand: Command = {
  declare(parser) {
    parser
      .option('--url <url>', 'the gateway; default $KEYTIDE_URL, else the gateway of the login')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { options }) {
    const { env, output, now, folders } = context;
    const login = await readLogin(folders).catch((error: unknown) => toFailedFinding('login', error));
    const configuredUrl = (options['url'] as string | undefined) ?? (env['KEYTIDE_URL'] || undefined);
    const url = configuredUrl ?? (login !== null && 'url' in login ? login.url : undefined);
    const gateway = url === undefined ? [missingGateway] : await examineGateway(url, now);
    const findings = [
      ...(await examineFolders(context)),
      ...gateway,
      login !== null && 'result' in login ? login : await examineLogin(context, login),
      ...(await examineSecrets(context)),
      ...(await examineRenewals(context)),
    ];
    const badFindings = findings.filter(({ result }) => result === 'BAD');
    const status = pickWorstExitStatus(badFindings.map((finding) => finding.status ?? exitStatus.UNAVAILABLE));
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
  message: 'No gateway is configured: give --url, or run keytide login --url.',
  status: exitStatus.CONFIG,
};

async function examineLogin(context: CommandContext, login: Login | null): Promise<DoctorFinding> {
  const subject = 'login';
  if (login === null) return { subject, result: 'WARNING', message: 'Not logged in: run keytide login.' };
  try {
    await openLogin(context);
    const { kind, name, expiresAt } = await verifyCredential(login.url, login.credential);
    const until = expiresAt === null ? '' : `, until ${expiresAt.toISOString()}`;
    return {
      subject,
      result: 'GOOD',
      message: `Logged in as ${kind === 'KEY' ? 'the key ' : ''}${name}${until}.`,
    };
  } catch (error) {
    return toFailedFinding(subject, error);
  }
}

function toFailedFinding(subject: string, error: unknown): DoctorFinding {
  if (!(error instanceof CommandError || error instanceof ClientError)) throw error;
  return {
    subject,
    result: 'BAD',
    message: error.message,
    status: toExitStatus(error) ?? exitStatus.UNAVAILABLE,
  };
}
