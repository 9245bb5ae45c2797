import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { findRunningServer } from '../../src/store/embedded.ts';
import { dataFolder, readServerId, silent } from '../support/embedded-process.ts';
import { askAt, isAlive, startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';

const password = 'a good long password';
const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
const issued = { realm: 'default', name: 'release', scopes: [{ action: 'package:push', resource: '**' }] };
const RECOVERY = { timeout: 30_000, interval: 100 };

async function signIn({ url }: GatewayProcess): Promise<string> {
  const answer = await askAt(url, SIGN_IN, { input: { email: 'admin@localhost', password } });
  return answer.data['signIn'].token;
}

/** The secret of a new key, or the code of the error. */
async function issue({ url }: GatewayProcess, token: string): Promise<string> {
  const { data, errors } = await askAt(url, mutationQuery('issueKey', 'secret'), { input: issued }, token);
  return data?.['issueKey']?.secret ?? errors?.[0]?.extensions['code'];
}

async function verify({ url }: GatewayProcess, secret: string, token: string): Promise<string> {
  const { data, errors } = await askAt(url, VERIFY_KEY, { input: { secret } }, token);
  return data?.['verifyKey']?.outcome ?? errors?.[0]?.extensions['code'];
}

const statusOf = async ({ url }: GatewayProcess, path: string) => (await fetch(`${url}${path}`)).status;

test('embedded: a server that is killed (kill -9) is started again, and what was acknowledged is there', async () => {
  const folder = dataFolder();
  const gateway = await startGateway(folder, { KEYTIDE_DATA_DIR: folder, KEYTIDE_ADMIN_PASSWORD: password });
  const token = await signIn(gateway);
  const secrets = [await issue(gateway, token)];
  for (let kill = 0; kill < 2; kill += 1) {
    const killedId = readServerId(folder);
    process.kill(killedId, 'SIGKILL');
    const again = gateway.wrote('the embedded PostgreSQL runs again');
    const codes = new Set<string>();
    await expect
      .poll(async () => {
        const answer = await issue(gateway, token);
        if (!answer.startsWith('kt_')) codes.add(answer);
        else secrets.push(answer);
        return answer;
      }, RECOVERY)
      .toMatch(/^kt_/);
    expect([...codes].filter((code) => code !== 'UNAVAILABLE')).toEqual([]);
    await again;
    expect(readServerId(folder)).not.toBe(killedId);
    await expect.poll(() => statusOf(gateway, '/readyz'), RECOVERY).toBe(200);
  }
  for (const secret of secrets) expect(await verify(gateway, secret, token)).toBe('VALID');
  const serverId = readServerId(folder);
  expect(await gateway.end('SIGTERM')).toEqual({ status: 0, signal: null });
  expect(isAlive(serverId)).toBe(false);
});

test('embedded: while a server does not start, the gateway lives, is not ready, answers 503, logs why and tries again', async () => {
  const folder = dataFolder();
  const gateway = await startGateway(folder, { KEYTIDE_DATA_DIR: folder, KEYTIDE_ADMIN_PASSWORD: password });
  const token = await signIn(gateway);
  const secret = await issue(gateway, token);
  const [there, away] = [join(folder, 'postgres', 'global'), join(folder, 'global')];
  renameSync(there, away); // no server starts without this folder, as none does on a full disk
  const failed = gateway.wrote('the embedded PostgreSQL does not start, next attempt in');
  process.kill(readServerId(folder), 'SIGKILL');
  await failed;
  expect(await statusOf(gateway, '/livez')).toBe(200);
  expect(await statusOf(gateway, '/readyz')).toBe(503);
  expect(await issue(gateway, token)).toBe('UNAVAILABLE');
  expect(await verify(gateway, secret, token)).toBe('UNAVAILABLE');
  renameSync(away, there);
  await expect.poll(() => statusOf(gateway, '/readyz'), RECOVERY).toBe(200);
  await expect.poll(() => verify(gateway, secret, token), RECOVERY).toBe('VALID');
  expect(await issue(gateway, token)).toMatch(/^kt_/);
});

function descendantsOf(processId: number): readonly number[] {
  const children = readFileSync(`/proc/${processId}/task/${processId}/children`, 'utf8').trim();
  const ids = children === '' ? [] : children.split(' ').map(Number);
  return [processId, ...ids.flatMap(descendantsOf)];
}

/** Limits how large a file of these processes may become, by prlimit of util-linux. Their children inherit the limit. */
function limitFileSize(processIds: readonly number[], limit: number | 'unlimited'): void {
  for (const id of processIds.flatMap(descendantsOf)) {
    // A process that has just ended needs no limit.
    if (!isAlive(id)) continue;
    // As the user of the process: even root may be refused the limits of another user's.
    const user = process.getuid?.() === 0 ? pickUser(statSync(`/proc/${id}`)) : {};
    execFileSync('prlimit', ['--pid', String(id), `--fsize=${limit}:`], { ...user, cwd: '/', stdio: 'pipe' });
  }
}

/** Writes to the log of a data folder's server until it has ended. */
async function fillLog(folder: string): Promise<void> {
  const client = createPgClient((await findRunningServer(folder, silent)) ?? '');
  client.on('error', () => undefined);
  await client.connect();
  const write = () => client.query(`SELECT pg_logical_emit_message(true, 'fill', repeat('x', 1000000))`);
  for (let isRunning = true; isRunning;)
    isRunning = await write().then(
      () => true,
      () => false,
    );
  await client.end().catch(() => undefined);
}

const pickUser = ({ uid, gid }: Stats) => ({ uid, gid });

test('embedded: a server whose log cannot grow, as on a full disk, is started again when there is room, and nothing acknowledged is lost', async () => {
  const folder = dataFolder();
  const gateway = await startGateway(folder, { KEYTIDE_DATA_DIR: folder, KEYTIDE_ADMIN_PASSWORD: password });
  const token = await signIn(gateway);
  const secrets = [await issue(gateway, token), await issue(gateway, token)];
  const failed = gateway.wrote('the embedded PostgreSQL does not start, next attempt in');
  // A segment of its log has 16 MB, and no other file is as large. A write beyond the limit fails like one on a full disk.
  limitFileSize([gateway.id, readServerId(folder)], 12_000_000);
  await fillLog(folder);
  await failed;
  expect(await statusOf(gateway, '/livez')).toBe(200);
  expect(await statusOf(gateway, '/readyz')).toBe(503);
  expect(await issue(gateway, token)).toBe('UNAVAILABLE');
  expect(await verify(gateway, secrets[0]!, token)).toBe('UNAVAILABLE');
  limitFileSize([gateway.id], 'unlimited');
  await expect.poll(() => statusOf(gateway, '/readyz'), { ...RECOVERY, timeout: 60_000 }).toBe(200);
  for (const secret of secrets) expect(await verify(gateway, secret, token)).toBe('VALID');
  expect(await issue(gateway, token)).toMatch(/^kt_/);
});
