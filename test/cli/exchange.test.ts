import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { exchangeJobToken } from '../../src/client/client.ts';
import { MINUTE_MS } from '../../src/domain/duration.ts';
import { openIssuerWorld, type IssuerWorld } from '../support/issuer-world.ts';
import { runCommand, type CommandOptions } from '../support/command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const SECRET = /^kt_\w{49}$/;

test('exchange: the token of a job becomes a key in a new file that only its owner can read', async () => {
  const { world, run, home } = await openJob();
  const { status, json, stderr } = await run(['--to', 'key', '--json'], { input: `${world.token()}\n` });
  const file = join(home, 'key');
  expect([status, Object.keys(json), json.secretFile]).toEqual([0, ['keyId', 'expiresAt', 'secretFile'], file]);
  const secret = readFileSync(file, 'utf8').trim();
  expect([await world.verify(secret), (statSync(file).mode & 0o777).toString(8)]).toEqual(['VALID', '600']);
  expect(stderr).toContain(`The key ${json.keyId} is in ${file}.`);
  expect(stderr).not.toContain(secret);
  expect(Date.parse(json.expiresAt) - Date.now()).toBeLessThanOrEqual(15 * MINUTE_MS);
  // The token is used up, and a file that exists is refused before a token is sent.
  const token = world.token();
  expect((await run(['--to', 'key'], { input: token })).status).toBe(73);
  expect((await run(['--to', 'second'], { input: token })).status).toBe(0);
  const again = await run(['--to', 'third'], { input: token });
  expect([again.status, again.stderr]).toEqual([65, expect.stringContaining('This token was already exchanged.')]);
  expect(existsSync(join(home, 'third'))).toBe(false);
});

test('exchange: the secret is on standard output only if it is asked for', async () => {
  const { world, run } = await openJob();
  const shown = await run(['--show', '--token-env', 'JOB_TOKEN'], { env: { JOB_TOKEN: world.token() } });
  expect([shown.status, shown.stdout.trim()]).toEqual([0, expect.stringMatching(SECRET)]);
  const json = await run(['--show', '--json', '--token-env', 'JOB_TOKEN'], { env: { JOB_TOKEN: world.token() } });
  expect(Object.keys(json.json)).toEqual(['keyId', 'expiresAt', 'secret']);
  for (const words of [
    [],
    ['--show', '--deploy', 'file', 'file=x'],
    ['--env', 'API_KEY'],
    ['--show', '--env', 'API_KEY', '--', 'true'],
  ]) {
    const refused = await run(words, { input: world.token() });
    expect([words, refused.status, refused.stdout]).toEqual([words, 64, '']);
  }
});

test('exchange: a command gets the secret in its environment, and its exit status is returned', async () => {
  const { world, run, home } = await openJob();
  writeFileSync(join(home, 'token'), world.token(), { mode: 0o644 });
  const script = 'printf %s "$API_KEY" > got; printf %s "${JOB_TOKEN-none}"; exit 7';
  const fromFile = await run(['--token-file', 'token', '--env', 'API_KEY', '--', 'sh', '-c', script]);
  expect([fromFile.status, fromFile.stdout]).toEqual([7, 'none']);
  const secret = readFileSync(join(home, 'got'), 'utf8');
  expect(await world.verify(secret)).toBe('VALID');
  expect(fromFile.stdout + fromFile.stderr).not.toContain(secret);
  // The command does not get the token, which it does not need.
  const env = { JOB_TOKEN: world.token() };
  const fromEnv = await run(['--token-env', 'JOB_TOKEN', '--env', 'API_KEY', '--', 'sh', '-c', script], { env });
  expect([fromEnv.status, fromEnv.stdout]).toEqual([7, 'none']);
  const killed = await run(['--env', 'API_KEY', '--', 'sh', '-c', 'kill -TERM $$'], { input: world.token() });
  expect(killed.status).toBe(143);
  const missing = await run(['--env', 'API_KEY', '--', './no-such-program'], { input: world.token() });
  expect([missing.status, missing.stderr]).toEqual([69, expect.stringContaining('Cannot run ./no-such-program')]);
});

test('exchange: places are checked before the token is sent, and get the secret', async () => {
  const { world, run, home } = await openJob();
  const token = world.token();
  const dotenv = ['--deploy', 'dotenv', 'file=.env', 'name=API_KEY'];
  writeFileSync(join(home, 'folder'), '');
  const bad = await run(['--deploy', 'dotenv', 'file=folder/.env', 'name=API_KEY'], { input: token });
  expect(bad.status).not.toBe(0);
  const { status, json } = await run([...dotenv, '--json'], { input: token });
  expect([status, Object.keys(json)]).toEqual([0, ['keyId', 'expiresAt', 'places']]);
  const [, secret = ''] = /^API_KEY=(kt_\w+)$/m.exec(readFileSync(join(home, '.env'), 'utf8')) ?? [];
  expect(await world.verify(secret)).toBe('VALID');
});

test('exchange: a malformed or refused token ends with a status and one sentence', async () => {
  const { world, run } = await openJob();
  const refused = async (words: string[], options: Partial<CommandOptions>) => {
    const { status, stderr } = await run(['--show', ...words], options);
    return [status, stderr.trim().split('\n').length, stderr];
  };
  const data = [65, 1, expect.stringContaining('expected the token of a job')];
  expect(await refused([], { input: '' })).toEqual(data);
  expect(await refused([], { input: 'no token' })).toEqual(data);
  expect(await refused(['--token-env', 'MISSING'], {})).toEqual([66, 1, expect.stringContaining('MISSING')]);
  expect(await refused(['--token-file', 'missing'], {})).toEqual([66, 1, expect.stringContaining('does not exist')]);
  const stranger = world.token({ team: 'other' });
  expect(await refused([], { input: stranger })).toEqual([
    65,
    1,
    expect.stringContaining('No rule of its issuer matches the claims of this token. Ask an administrator for a rule'),
  ]);
});

test('exchange: a lost answer does not use the token up, for the command and for the client', async () => {
  const { world, run } = await openJob();
  const { url, lose } = await openLossyProxy(world.gateway.url);
  lose(2);
  const shown = await run(['--show', '--url', url], { input: world.token() });
  expect([shown.status, await world.verify(shown.stdout.trim())]).toEqual([0, 'VALID']);
  lose(1);
  const request = { token: world.token(), requestId: Buffer.alloc(32, 7).toString('base64url') };
  await expect(exchangeJobToken(url, request)).rejects.toMatchObject({ kind: 'UNREACHABLE' });
  const key = await exchangeJobToken(url, request);
  expect([key.keyId.startsWith('key_'), await world.verify(key.secret)]).toEqual([true, 'VALID']);
});

/** A job of a trusted issuer, on a machine of its own. */
async function openJob() {
  const world: IssuerWorld = await openIssuerWorld();
  const home = scratchFolder();
  const run = (words: readonly string[], options: Partial<CommandOptions> = {}) =>
    runCommand(['exchange', ...words], {
      home,
      ...options,
      env: { KEYTIDE_URL: world.gateway.url, ...options.env },
    });
  return { world, home, run };
}

/** A proxy that passes requests on, and loses the given number of answers. */
async function openLossyProxy(target: string) {
  let lossCount = 0;
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = { 'Content-Type': request.headers['content-type'] ?? '' };
    const answer = await fetch(`${target}${request.url}`, { method: 'POST', headers, body: Buffer.concat(chunks) });
    const body = await answer.text();
    if (lossCount > 0) {
      lossCount -= 1;
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('Content-Type') ?? '' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, lose: (count: number) => void (lossCount = count) };
}
