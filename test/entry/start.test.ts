import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { dataFolder, readServerId } from '../support/embedded-process.ts';
import { askAt, type GatewayProcess, refusedGateway, startGateway } from '../support/gateway-process.ts';
import { ISSUE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const password = 'a good long password';
const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';

async function signIn({ url }: Pick<GatewayProcess, 'url'>, given = password): Promise<string | undefined> {
  const answer = await askAt(url, SIGN_IN, { input: { email: 'admin@localhost', password: given } });
  return answer.data['signIn'].token;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, '127.0.0.1', 0);
  await promisify(server.close).call(server);
  return port;
}

/** A database on the run's server, and one sealing key for all nodes on it. */
async function sharedDatabase() {
  const sealingKey = randomBytes(32).toString('base64');
  return { DATABASE_URL: await emptyDatabase(), KEYTIDE_SEALING_KEY: sealingKey };
}

test('start: after kill -9 the next gateway adopts the database, and acknowledged changes are there', async () => {
  const folder = dataFolder();
  const settings = { KEYTIDE_DATA_DIR: folder, KEYTIDE_ADMIN_PASSWORD: password };
  const killed = await startGateway(folder, settings);
  const input = { realm: 'default', name: 'kept', scopes: [{ action: 'package:push', resource: '**' }] };
  const issued = await askAt(killed.url, ISSUE_KEY, { input }, await signIn(killed));
  const serverId = readServerId(folder);
  expect(await killed.end('SIGKILL')).toEqual({ status: null, signal: 'SIGKILL' });

  const next = await startGateway(folder, settings);
  expect(readServerId(folder)).toBe(serverId);
  expect(next.written().stdout).toContain('adopted the embedded PostgreSQL');
  const { secret } = issued.data['issueKey'];
  const verified = await askAt(next.url, VERIFY_KEY, { input: { secret } }, await signIn(next));
  expect(verified.data['verifyKey'].outcome).toBe('VALID');
  expect(await next.end('SIGTERM')).toEqual({ status: 0, signal: null });
});

test('start: a node is ready when the first account exists, and not before', async () => {
  const settings = { DATABASE_URL: await freshDatabase(), KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64') };
  const database = createPgClient(settings.DATABASE_URL);
  await database.connect();
  onTestFinished(() => database.end());
  // Accounts can be read, but not written: the first start waits.
  await database.query('BEGIN; LOCK TABLE "Account" IN SHARE MODE');
  const port = String(await findFreePort());
  const starting = startGateway(scratchFolder(), { ...settings, PORT: port, KEYTIDE_ADMIN_PASSWORD: password });
  const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  await expect.poll(async () => (await ready())?.status).toBe(503);
  expect(await (await ready())!.json()).toMatchObject({
    checks: { account: { isReady: false, message: 'The first start has not created an account yet.' } },
  });
  await database.query('COMMIT');
  await expect.poll(async () => (await ready())?.status).toBe(200);
  expect(await signIn({ url: `http://127.0.0.1:${port}` })).toBeDefined();
  await starting;
});

test('start: with existing accounts the administrator settings are ignored, with one warning', async () => {
  const settings = { ...(await sharedDatabase()), KEYTIDE_ADMIN_PASSWORD: password };
  const first = await startGateway(scratchFolder(), settings);
  const again = await startGateway(scratchFolder(), settings);
  for (const otherSettings of [
    { KEYTIDE_ADMIN_PASSWORD: 'another good password' },
    { KEYTIDE_ADMIN_EMAIL: 'root@localhost' },
  ]) {
    const node = await startGateway(scratchFolder(), { ...settings, ...otherSettings });
    const warnings = node
      .written()
      .stdout.split('\n')
      .filter((line) => line.includes('"level":"warn"'));
    const names =
      'KEYTIDE_ADMIN_EMAIL' in otherSettings
        ? ['KEYTIDE_ADMIN_EMAIL', 'KEYTIDE_ADMIN_PASSWORD']
        : ['KEYTIDE_ADMIN_PASSWORD'];
    expect(warnings).toEqual([expect.stringContaining('administrator settings ignored, because accounts exist')]);
    expect(JSON.parse(warnings[0] ?? '')).toMatchObject({ settings: names });
    expect(warnings[0]).toContain('npm run reset-password');
    expect(node.written().stdout).not.toContain('another good password');
    expect(await signIn(node)).toBeDefined();
  }
  for (const node of [first, again]) expect(node.written().stdout).not.toContain('administrator settings ignored');
});

test('start: a second gateway on the folder is refused in one line, and the first keeps running', async () => {
  const folder = dataFolder();
  const settings = { KEYTIDE_DATA_DIR: folder, KEYTIDE_ADMIN_PASSWORD: password };
  const first = await startGateway(folder, settings);
  const second = await refusedGateway(folder, settings);
  expect(second.stderr).toMatch(/^keytide: Another gateway uses the data folder .+\n$/);
  expect([second.status, second.stdout]).toEqual([69, '']);
  expect(await signIn(first)).toBeDefined();
});

test('start: all invalid settings are reported in one message, and nothing is started', async () => {
  const folder = dataFolder();
  const refused = await refusedGateway(folder, {
    KEYTIDE_DATA_DIR: folder,
    PORT: 'http',
    KEYTIDE_LOG_LEVEL: 'loud',
    KEYTIDE_ADMIN_EMAL: 'root@example.com',
    KEYTIDE_SEALING_KEY: 'c2hvcnQ=',
  });
  expect(refused.stderr).toMatchInlineSnapshot(`
    "keytide: 4 settings are invalid:
      PORT: found "http"; expected a whole number from 0 to 65535 (0: any free port)
      KEYTIDE_SEALING_KEY: found base64 of 5 bytes; expected 32 bytes in base64; generate them with \`openssl rand -base64 32\`
      KEYTIDE_LOG_LEVEL: found "loud"; expected one of trace, debug, info, warn, error, fatal, silent
      KEYTIDE_ADMIN_EMAL: unknown setting; did you mean KEYTIDE_ADMIN_EMAIL?
    "
  `);
  expect([refused.status, refused.stdout]).toEqual([78, '']);
  expect(readdirSync(folder)).toEqual(['compiled']);
});

test('start: a database given without a sealing key is refused, with the command that makes one', async () => {
  const refused = await refusedGateway(scratchFolder(), {
    DATABASE_URL: 'postgresql://keytide:hunter2@127.0.0.1/keytide',
  });
  expect([refused.status, refused.stdout]).toEqual([78, '']);
  expect(refused.stderr).toContain('generate them with `openssl rand -base64 32`');
  expect(refused.stderr).not.toContain('hunter2');
});

test('start: a port in use is reported in one line, and no generated password is lost', async () => {
  const folder = dataFolder();
  const squatter = createServer();
  const taken = String(await listen(squatter, '127.0.0.1', 0));
  onTestFinished(() => void squatter.close());
  const refused = await refusedGateway(folder, { KEYTIDE_DATA_DIR: folder, PORT: taken });
  expect(refused.stderr).toBe(
    `keytide: Cannot listen on 127.0.0.1:${taken}: the port is in use. Stop the program that uses it, or set PORT.\n`,
  );
  expect(refused.status).toBe(69);
  const next = await startGateway(folder, { KEYTIDE_DATA_DIR: folder });
  expect(next.password).not.toBeNull();
  expect(await signIn(next, next.password!)).toBeDefined();
});

test(
  'start: ten nodes at once on one empty database all become ready, with one administrator and one realm',
  { timeout: 180_000 },
  async () => {
    const settings = await sharedDatabase();
    const nodes = await Promise.all(Array.from({ length: 10 }, () => startGateway(scratchFolder(), settings)));
    for (const { url } of nodes) expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const shown = nodes.flatMap((node) => node.password ?? []);
    expect(shown).toHaveLength(1);
    const database = createPgClient(settings.DATABASE_URL);
    await database.connect();
    const { rows } = await database.query(`
    SELECT (SELECT json_agg(email) FROM "Account") AS accounts, (SELECT json_agg(slug) FROM "Realm") AS realms,
           (SELECT json_agg(type ORDER BY position) FROM "Event") AS events,
           (SELECT count(*)::int FROM "Action") AS actions`);
    await database.end();
    expect(rows).toEqual([
      {
        accounts: ['admin@localhost'],
        realms: ['default'],
        events: ['ACCOUNT_CREATED', 'REALM_CREATED', 'POLICY_BOUND', 'POLICY_BOUND', 'POLICY_BOUND'],
        actions: 3,
      },
    ]);
    for (const node of nodes) expect(await signIn(node, shown[0])).toBeDefined();
    const ends = await Promise.all(nodes.map((node) => node.end('SIGTERM')));
    expect(ends).toEqual(nodes.map(() => ({ status: 0, signal: null })));
  },
);
