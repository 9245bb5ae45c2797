import { chmodSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { examineGateway } from '../../src/cli/doctor/examine-gateway.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { openCommandWorld, openLoggedInWorld } from '../support/command-world.ts';

const results = (json: any) => Object.fromEntries(json.findings.map(({ of, result }: any) => [of, result]));

test('doctor: if everything is fine, every finding is GOOD and the status is 0', async () => {
  const { run, issue, gateway } = await openLoggedInWorld();
  const { secret } = await issue('release');
  // After commands that write to all folders.
  expect((await run(['keep', 'release', '--url', gateway.url], { input: secret })).status).toBe(0);
  expect((await run(['renew'])).status).toBe(0);
  expect((await run(['check'])).status).toBe(0);
  const { status, json } = await run(['doctor', '--json']);
  expect([status, json.status]).toEqual([0, 0]);
  expect(results(json)).toEqual({
    'config folder': 'GOOD',
    'state folder': 'GOOD',
    'cache folder': 'GOOD',
    gateway: 'GOOD',
    clock: 'GOOD',
    version: 'GOOD',
    login: 'GOOD',
    'secret of release': 'GOOD',
  });
  expect(Object.keys(json.findings[0])).toEqual(['of', 'result', 'message']);
  const table = await run(['doctor']);
  expect(table.stdout).toMatch(/^WHAT +FOUND\n/);
  expect(table.stdout).toMatch(/login +GOOD +Logged in as pia, until 20/);
});

test('doctor: unsafe permissions, an expired session and missing files are reported with a remedy', async () => {
  const { run, write, path, gateway, pia } = await openLoggedInWorld();
  const open = write('open.secret', `${newSecret(systemRandom).reveal()}\n`, 0o644);
  const part = write('part.secret', 'kt_abc\n');
  write('.config/keytide/keys/open.json', JSON.stringify({ secretFile: open }));
  write('.config/keytide/keys/part.json', JSON.stringify({ secretFile: part }));
  write('.config/keytide/keys/none.json', JSON.stringify({ secretFile: path('missing') }));
  write('.config/keytide/keys/wrong.json', '{');
  chmodSync(path('.local/state/keytide'), 0o755);
  chmodSync(path('.config/keytide/keys/open.json'), 0o666);
  await gateway.ask('mutation { signOut }', {}, pia.token);
  const { status, json, stdout } = await run(['doctor', '--json']);
  expect(status).toBe(77);
  expect(results(json)).toMatchObject({
    'config folder': 'BAD',
    'state folder': 'BAD',
    login: 'BAD',
    'secret of open': 'BAD',
    'secret of part': 'BAD',
    'secret of none': 'BAD',
    'secret of wrong': 'BAD',
    gateway: 'GOOD',
  });
  expect(stdout).toContain('run chmod go-rwx on it');
  expect(stdout).toContain('The session has ended. Sign in again.');
  expect(stdout).not.toContain('kt_abc');
});

test('doctor: without a login and a gateway it says how to configure them', async () => {
  const { run, gateway } = await openCommandWorld();
  const bare = await run(['doctor', '--json']);
  expect([bare.status, results(bare.json)]).toMatchObject([78, { gateway: 'BAD', login: 'WARNING' }]);
  expect((await run(['doctor', '--url', gateway.url])).status).toBe(0);
  await gateway.stop();
  const away = await run(['doctor', '--json'], { env: { KEYTIDE_URL: gateway.url } });
  expect([away.status, results(away.json)]).toMatchObject([75, { gateway: 'BAD' }]);
});

test('doctor: a wrong clock, another version and a server that is not a gateway are found', async () => {
  let alive: object = { status: 'ALIVE', version: packageJson.version };
  const server = createServer((request, response) => {
    response.writeHead(200).end(JSON.stringify(request.url === '/readyz' ? { status: 'DRAINING' } : alive));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const at = async (ms: number) => examineGateway(url, () => new Date(Date.now() + ms));
  expect(await at(0)).toMatchObject([{ result: 'BAD', status: 75 }, { result: 'GOOD' }, { result: 'GOOD' }]);
  expect((await at(30_000))[1]).toMatchObject({ result: 'WARNING', message: expect.stringContaining('ahead of') });
  expect((await at(-3_650_000))[1]).toMatchObject({ result: 'BAD', message: expect.stringContaining('1 hour') });
  alive = { status: 'ALIVE', version: '9.9.9' };
  expect((await at(0))[2]).toMatchObject({ result: 'WARNING', message: expect.stringContaining('9.9.9') });
  alive = { hello: 'world' };
  expect(await at(0)).toMatchObject([{ result: 'BAD', status: 76 }]);
});
