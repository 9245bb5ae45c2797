import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { backUp } from '../../src/entry/backup.ts';
import { restore } from '../../src/entry/restore.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { migrate } from '../../src/store/migrate.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { dumpTables } from '../support/dump-tables.ts';
import { dataFolder, silent } from '../support/embedded-process.ts';
import { askAt, startGateway } from '../support/gateway-process.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { programLine, runProgram } from '../support/run-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { restoreRecorded } from '../upgrade/recorded-database.ts';

const password = 'a good long password';
const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
const issued = { realm: 'default', name: 'release', scopes: [{ action: 'package:push', resource: '**' }] };
const sealingKey = randomBytes(32).toString('base64');

const settingsOf = (database: string) => ({
  DATABASE_URL: database,
  KEYTIDE_SEALING_KEY: sealingKey,
  KEYTIDE_DATA_DIR: scratchFolder(),
});

async function signIn(url: string): Promise<string> {
  const answer = await askAt(url, SIGN_IN, { input: { email: 'admin@localhost', password } });
  return answer.data['signIn'].token;
}

async function readTables(database: string): Promise<Record<string, string[]>> {
  const client = createPgClient(database);
  await client.connect();
  const { _prisma_migrations: migrations, ...tables } = await dumpTables(client).finally(() => client.end());
  // When they were applied differs.
  return { ...tables, migrations: (migrations ?? []).map((row) => /"migration_name": "[^"]*"/.exec(row)![0]).sort() };
}

/** A backup of a database of the release before, and what the database holds when it is migrated. */
async function recordedBackup() {
  const database = await restoreRecorded();
  const file = join(scratchFolder(), 'backup');
  const result = await backUp(settingsOf(database), file, () => undefined);
  return { database, file, result };
}

test(
  'backup: the embedded database of a running gateway is backed up, and works from the file alone',
  { timeout: 150_000 },
  async () => {
    const folder = dataFolder();
    const gateway = await startGateway(folder, { KEYTIDE_DATA_DIR: folder, KEYTIDE_ADMIN_PASSWORD: password });
    const token = await signIn(gateway.url);
    const answer = await askAt(gateway.url, mutationQuery('issueKey', 'secret'), { input: issued }, token);
    const { secret } = answer.data['issueKey'];
    const file = join(scratchFolder(), 'backup');
    const taken = await runProgram('cli/main.ts', ['backup', file, '--json'], { KEYTIDE_DATA_DIR: folder });
    expect(taken).toMatchObject({ status: 0, stderr: '' });
    const result = JSON.parse(taken.stdout);
    expect(result).toMatchObject({ file, size: statSync(file).size, tableCount: expect.any(Number) });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['backup']);
    expect(gunzipSync(readFileSync(file)).includes(secret)).toBe(false);
    expect((await askAt(gateway.url, VERIFY_KEY, { input: { secret } }, token)).data['verifyKey'].outcome).toBe(
      'VALID',
    );
    await gateway.end('SIGTERM');
    const again = await runProgram('cli/main.ts', ['backup', file], { KEYTIDE_DATA_DIR: folder });
    expect(again).toEqual({
      status: 73,
      stdout: '',
      stderr: `keytide: Backup ${file}: found a file; expected a new name: name another file, or move this one away.\n`,
    });

    const next = dataFolder();
    copyFileSync(join(folder, 'sealing-key'), join(next, 'sealing-key'));
    const restored = await runProgram('cli/main.ts', ['restore', file, '--json'], { KEYTIDE_DATA_DIR: next });
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    const { createdAt, position, rowCount, tableCount } = result;
    expect(JSON.parse(restored.stdout).restored).toEqual({ file, createdAt, position, rowCount, tableCount });
    const second = await startGateway(next, { KEYTIDE_DATA_DIR: next });
    const input = { input: { secret } };
    expect((await askAt(second.url, VERIFY_KEY, input, await signIn(second.url))).data['verifyKey'].outcome).toBe(
      'VALID',
    );
    await second.end('SIGTERM');
    const refused = await runProgram('cli/main.ts', ['restore', file], { KEYTIDE_DATA_DIR: next });
    expect(refused.stderr).toMatch(
      /^keytide: Database: found tables in the schema public .*; expected an empty one: .*\n$/,
    );
    expect(refused.status).toBe(69);
  },
);

test('backup: a data folder without a database, and a database without tables, are refused', async () => {
  const file = join(scratchFolder(), 'backup');
  const none = await runProgram('cli/main.ts', ['backup', file], { KEYTIDE_DATA_DIR: scratchFolder() });
  expect(none.stderr).toMatch(/^keytide: Data folder .*: found no database; expected the gateway's: .*\n$/);
  expect(none.status).toBe(69);
  const empty = backUp(settingsOf(await emptyDatabase()), file, () => undefined);
  await expect(empty).rejects.toThrow(/^Database: found no tables of Keytide; expected its database/);
  const unwritable = backUp(settingsOf(await freshDatabase()), join(file, 'in', 'no', 'folder'), () => undefined);
  await expect(unwritable).rejects.toThrow(/the file cannot be written \(ENOENT\): name a file in a folder/);
  expect(existsSync(file)).toBe(false);
});

test('backup: a database of the release before is restored row by row, and migrated to this release', async () => {
  const { database, file, result } = await recordedBackup();
  expect(result.rowCount).toBeGreaterThan(100);
  const before = await readTables(database);
  const copy = await emptyDatabase();
  const { restored } = await restore(settingsOf(copy), file, () => undefined);
  expect(restored).toMatchObject({ rowCount: result.rowCount, position: result.position });
  await migrate(database, { log: silent });
  const { Lineage: [lineage] = [], ...expected } = await readTables(database);
  const { Lineage: [other] = [], ...found } = await readTables(copy);
  expect(found).toEqual(expected);
  expect([lineage, other]).toEqual([expect.stringMatching(/"id"/), expect.stringMatching(/"id"/)]);
  expect(Object.keys(before).length).toBeGreaterThan(20);
});

test('backup: of this release, a copy of the copy is the same, with its history', async () => {
  const database = await restoreRecorded();
  await migrate(database, { log: silent });
  const [first, second] = [join(scratchFolder(), 'first'), join(scratchFolder(), 'second')];
  await backUp(settingsOf(database), first, () => undefined);
  const copy = `${await emptyDatabase()}&schema=kt`;
  await restore(settingsOf(copy), first, () => undefined);
  await backUp(settingsOf(copy), second, () => undefined);
  const [one, two] = [first, second].map((file) => gunzipSync(readFileSync(file)).toString().split('\n'));
  expect(two!.slice(1).toSorted()).toEqual(one!.slice(1).toSorted());
  const header = (lines: string[]) => ({ ...JSON.parse(lines[0]!), createdAt: '', partitions: [] });
  expect(header(two!)).toEqual(header(one!));
});

test('restore: a file that was cut short or altered restores nothing', { timeout: 120_000 }, async () => {
  const { file } = await recordedBackup();
  const whole = readFileSync(file);
  const text = gunzipSync(whole);
  const copy = await emptyDatabase();
  const flipped = (at: number) => {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 0x10;
    return bytes;
  };
  const cuts = [0, 1, 10, 100, whole.length >> 1, whole.length - 9, whole.length - 1].map((at) =>
    whole.subarray(0, at),
  );
  const flips = [12, 200, whole.length >> 2, whole.length >> 1, whole.length - 6].map(flipped);
  const lines = text.toString().split('\n');
  const without = (pattern: RegExp) => gzipSync(lines.filter((line) => !pattern.test(line)).join('\n'));
  const edited = [
    without(/^key_\w+\t/),
    without(/^\{"rows":/),
    gzipSync(text.subarray(0, text.length >> 1)),
    gzipSync(text.toString().replace('"table":"Key"', '"table":"Kay"')),
    gzipSync(`${text.toString()}more\n`),
    gzipSync('no backup\n'),
    Buffer.from('CREATE TABLE "Key" ();\n'),
    Buffer.concat([whole, whole]),
  ];
  const wrong = join(scratchFolder(), 'wrong');
  let refusedCount = 0;
  for (const bytes of [...cuts, ...flips, ...edited]) {
    writeFileSync(wrong, bytes);
    await expect(restore(settingsOf(copy), wrong, () => undefined)).rejects.toThrow(
      /^Backup .*wrong: found .*; expected .*/,
    );
    refusedCount += 1;
    expect(await readTables(copy)).toEqual({ migrations: [] });
  }
  expect(refusedCount).toBe(20);
  writeFileSync(wrong, whole);
  expect((await restore(settingsOf(copy), wrong, () => undefined)).restored.rowCount).toBeGreaterThan(100);
});

test('restore: a backup of a newer release, of another format or with another script is refused', async () => {
  const { file } = await recordedBackup();
  const [head = '', ...rest] = gunzipSync(readFileSync(file)).toString().split('\n');
  const header = JSON.parse(head);
  const other = join(scratchFolder(), 'other');
  const restoreWith = async (changes: object) => {
    writeFileSync(other, gzipSync([JSON.stringify({ ...header, ...changes }), ...rest].join('\n')));
    await restore(settingsOf(await emptyDatabase()), other, () => undefined);
  };
  await expect(restoreWith({ keytideBackup: 2, version: '9.0.0' })).rejects.toThrow(
    /found format 2; expected format 1: restore it with the Keytide that wrote it \(9\.0\.0\)/,
  );
  const newer = [...header.migrations, { name: '29990101000000_later', checksum: '00' }];
  await expect(restoreWith({ migrations: newer })).rejects.toThrow(/29990101000000_later of a newer Keytide/);
  const changed = header.migrations.map((row: object, index: number) =>
    index === 0 ? { ...row, checksum: '00' } : row,
  );
  await expect(restoreWith({ migrations: changed })).rejects.toThrow(/another script than this Keytide has/);
  await expect(restore(settingsOf(await emptyDatabase()), '/no/such', () => undefined)).rejects.toThrow(
    /^Backup \/no\/such: the file cannot be read \(ENOENT\)\.$/,
  );
});

/** Starts the command; it is killed with the test at the latest. */
function startCommand(words: readonly string[], settings: Record<string, string>) {
  const [file = '', ...args] = programLine('cli/main.ts', words);
  const child = spawn(file, args, { env: { PATH: process.env['PATH'], ...settings }, stdio: 'ignore' });
  const gone = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  return { gone, kill };
}

async function openClient(database: string): Promise<Client> {
  const client = createPgClient(database);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Resolves when another session of the database runs a statement that begins so. */
async function waitForStatement(client: Client, beginning: string): Promise<void> {
  const sql = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE $1`;
  while ((await client.query(sql, [`${beginning}%`])).rowCount === 0);
}

test('restore: killed in the middle it leaves the database empty, and then succeeds', async () => {
  const { file } = await recordedBackup();
  const copy = await emptyDatabase();
  const observer = await openClient(copy);
  const pipe = join(scratchFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { kill } = startCommand(['restore', pipe], settingsOf(copy));
  const bytes = readFileSync(file);
  const writer = await open(pipe, 'w');
  await writer.write(bytes.subarray(0, bytes.length >> 1));
  await waitForStatement(observer, 'COPY');
  await kill();
  await writer.close();
  expect(await readTables(copy)).toEqual({ migrations: [] });
  expect((await restore(settingsOf(copy), file, () => undefined)).restored.rowCount).toBeGreaterThan(100);
});

test('restore: a lost connection leaves the database empty', async () => {
  const { file } = await recordedBackup();
  const copy = await emptyDatabase();
  const observer = await openClient(copy);
  const pipe = join(scratchFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const restoring = restore(settingsOf(copy), pipe, () => undefined);
  const failed = expect(restoring).rejects.toThrow(/^The restore failed, and nothing was restored: /);
  const bytes = readFileSync(file);
  const writer = await open(pipe, 'w');
  await writer.write(bytes.subarray(0, bytes.length >> 1));
  await waitForStatement(observer, 'COPY');
  await observer.query(
    `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%' AND pid <> pg_backend_pid()`,
  );
  await writer.write(bytes.subarray(bytes.length >> 1)).catch(() => undefined);
  await writer.close();
  await failed;
  expect(await readTables(copy)).toEqual({ migrations: [] });
});

test('backup: killed in the middle it leaves no file under its name, and the next run none of its own', async () => {
  const database = await restoreRecorded();
  const client = await openClient(database);
  await client.query('BEGIN; LOCK TABLE "Key"');
  const file = join(scratchFolder(), 'backup');
  const { kill } = startCommand(['backup', file], settingsOf(database));
  await waitForStatement(await openClient(database), 'LOCK TABLE');
  await kill();
  await client.query('ROLLBACK');
  expect(readdirSync(join(file, '..'))).toEqual(['backup.partial']);
  await backUp(settingsOf(database), file, () => undefined);
  expect(readdirSync(join(file, '..'))).toEqual(['backup']);
});

test('backup: what is committed while it runs is in it as a whole or not at all', async () => {
  const database = await freshDatabase();
  const client = await openClient(database);
  const other = await openClient(database);
  await client.query('CREATE TABLE one (n int); CREATE TABLE two (n int)');
  let isRunning = true;
  const writing = (async () => {
    for (let n = 0; isRunning; n += 1)
      await other.query(`BEGIN; INSERT INTO one VALUES (${n}); INSERT INTO two VALUES (${n}); COMMIT`);
  })();
  const counts: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const file = join(scratchFolder(), 'backup');
    await backUp(settingsOf(database), file, () => undefined);
    const { rows } = JSON.parse(gunzipSync(readFileSync(file)).toString().trimEnd().split('\n').at(-1)!);
    expect(rows.one).toBe(rows.two);
    counts.push(rows.one);
  }
  isRunning = false;
  await writing;
  expect(new Set(counts).size).toBe(5);
});

test('backup: a file that outgrows its disk is not left behind', async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'disk'));
  const settings = settingsOf(await restoreRecorded());
  const limited = ['/bin/sh', '-c', 'trap "" XFSZ; ulimit -f 4; exec "$@"', 'sh'];
  const run = await runProgram('cli/main.ts', ['backup', join(folder, 'disk', 'backup')], settings, limited);
  expect(run.stderr).toMatch(/^keytide: Backup .*: the file cannot be written \(EFBIG\): .*\n$/);
  expect(run.status).toBe(73);
  expect(readdirSync(join(folder, 'disk'))).toEqual([]);
});
