import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { emptyDatabase } from '../support/database.ts';
import { dataFolder } from '../support/embedded-process.ts';
import { askAt, startGateway } from '../support/gateway-process.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

const SIGN_IN =
  'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignInSuccess { token } } }';

/** Runs the script as npm does, from any folder, with those settings alone. */
async function resetPassword(settings: Record<string, string>, ...words: string[]) {
  const command = scripts['reset-password']?.replace('src/', join(checkout, 'src/'));
  const child = spawn('/bin/sh', ['-c', `${command} "$@"`, 'sh', ...words], {
    cwd: scratchFolder(),
    env: { PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}

/** The token of a session, or how it was refused. */
async function signIn(url: string, password: string): Promise<string> {
  const answer = await askAt(url, SIGN_IN, { input: { email: 'admin@localhost', password } });
  return answer.data['signIn'].token ?? answer.data['signIn'].__typename;
}

async function isSignedIn(url: string, token: string): Promise<boolean> {
  return (await askAt(url, '{ viewer { __typename } }', {}, token)).errors === undefined;
}

function passwordIn(stdout: string): string {
  const [, password = ''] =
    /^admin@localhost signs in with the password {2}(\S{24})\nAll sessions of the account have ended\.\n$/.exec(
      stdout,
    ) ?? [];
  return password;
}

test('reset password: gives the embedded database’s administrator a new one, once its gateway has stopped', async () => {
  const folder = dataFolder();
  const settings = { KEYTIDE_DATA_DIR: folder };
  const first = await startGateway(folder, settings);
  const token = await signIn(first.url, first.password!);
  const refused = await resetPassword(settings, 'admin@localhost');
  expect(refused).toMatchObject({ status: 69, stdout: '' });
  expect(refused.stderr).toMatch(/^keytide: Another gateway uses the data folder .+: stop it, .+\n$/);
  expect(await isSignedIn(first.url, token)).toBe(true);
  await first.end('SIGTERM');

  const reset = await resetPassword(settings, ' Admin@Localhost ');
  expect(reset).toMatchObject({ status: 0, stderr: '' });
  const password = passwordIn(reset.stdout);
  const next = await startGateway(folder, settings);
  expect(await signIn(next.url, first.password!)).toBe('InvalidCredentials');
  expect(await isSignedIn(next.url, await signIn(next.url, password))).toBe(true);
  expect(await isSignedIn(next.url, token)).toBe(false);
});

test('reset password: works beside running gateways of an external database, ends all sessions, and records an event', async () => {
  const settings = {
    DATABASE_URL: await emptyDatabase(),
    KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
  };
  const gateway = await startGateway(scratchFolder(), settings);
  const token = await signIn(gateway.url, gateway.password!);
  const { stdout } = await resetPassword(settings, 'admin@localhost');
  expect(await isSignedIn(gateway.url, token)).toBe(false);
  expect(await signIn(gateway.url, gateway.password!)).toBe('InvalidCredentials');
  expect(await isSignedIn(gateway.url, await signIn(gateway.url, passwordIn(stdout)))).toBe(true);
  const database = createPgClient(settings.DATABASE_URL);
  await database.connect();
  const { rows } = await database.query(
    `SELECT "actorKind", "ownerId" = (SELECT id FROM "Account") AS "isTheirs" FROM "Event" WHERE type = 'ACCOUNT_PASSWORD_CHANGED'`,
  );
  await database.end();
  expect(rows).toEqual([{ actorKind: 'SYSTEM', isTheirs: true }]);
});

test('reset password: a refusal is one line and changes nothing', async () => {
  const settings = { DATABASE_URL: await emptyDatabase(), KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64') };
  const gateway = await startGateway(scratchFolder(), settings);
  expect(await resetPassword(settings, 'nobody@localhost')).toEqual({
    status: 67,
    stdout: '',
    stderr: 'keytide: No open account has the email nobody@localhost.\n',
  });
  for (const words of [[], ['admin@localhost', 'a new password']]) {
    expect(await resetPassword(settings, ...words)).toEqual({
      status: 64,
      stdout: '',
      stderr: 'usage: npm run reset-password -- <email>\n',
    });
  }
  const nowhere = join(scratchFolder(), 'nowhere');
  expect(await resetPassword({ KEYTIDE_DATA_DIR: nowhere }, 'admin@localhost')).toEqual({
    status: 69,
    stdout: '',
    stderr: `keytide: No database found in the data folder ${nowhere}: set KEYTIDE_DATA_DIR to its folder.\n`,
  });
  expect(existsSync(nowhere)).toBe(false);
  expect((await resetPassword({ KEYTIDE_LOG_LEVEL: 'loud' }, 'admin@localhost')).status).toBe(78);
  expect(await signIn(gateway.url, gateway.password!)).not.toBe('InvalidCredentials');
});
