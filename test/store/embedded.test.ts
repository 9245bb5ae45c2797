import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { dataFolder, PLAIN_USER, runEmbedded, silent, spawnEmbedded } from '../support/embedded-process.ts';

/** All rows that a statement gives, over a connection of its own. */
async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = createPgClient(connectionString);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const start = (folder: string) => startEmbedded({ folder, fsync: false, log: silent });

test('embedded: data survives a restart, which is fast', async () => {
  const folder = join(dataFolder(), 'made', 'when', 'missing');
  const first = await start(folder);
  await query(first.connectionString, 'CREATE TABLE kept AS SELECT 7 AS value');
  await first.stop();
  const begunAt = performance.now();
  const second = await start(folder);
  expect(performance.now() - begunAt).toBeLessThan(1_500);
  expect(await query(second.connectionString, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  await second.stop();
});

test('embedded: it is durable, in UTF-8 and UTC, ordered by code point, and listens on no port', async () => {
  const { connectionString, stop } = await startEmbedded({ folder: dataFolder(), log: silent });
  const names = ['fsync', 'listen_addresses', 'server_encoding', 'TimeZone'];
  const shown = names.map((name) => `current_setting('${name}') AS "${name}"`).join(', ');
  expect(await query(connectionString, `SELECT ${shown}, 'Z' < 'a' AS "Z first", lower('Ä') AS lower`)).toEqual([
    { fsync: 'on', listen_addresses: '', server_encoding: 'UTF8', TimeZone: 'UTC', 'Z first': true, lower: 'ä' },
  ]);
  await stop();
});

test('embedded: a first start that is killed half way does not block the next', async () => {
  const folder = dataFolder();
  const changes = watch(folder);
  const child = spawnEmbedded(folder);
  for await (const { filename } of changes) if (filename?.startsWith('postgres.new-')) break;
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(join(folder, 'postgres'))).toBe(false);
  const { stop } = await start(folder);
  // Whatever initdb still wrote when its gateway was gone goes with a first start; there has been one.
  expect(existsSync(join(folder, 'postgres', 'PG_VERSION'))).toBe(true);
  await stop();
});

test('embedded: a cluster of another major version is refused, with what to do', async () => {
  const folder = dataFolder();
  await (await start(folder)).stop();
  writeFileSync(join(folder, 'postgres', 'PG_VERSION'), '17\n');
  const refused = start(folder);
  await expect(refused).rejects.toThrow(StoreError);
  await expect(refused).rejects.toThrow(
    /found a cluster of PostgreSQL 17; this Keytide includes PostgreSQL 18.*keytide backup.*keytide restore/,
  );
});

test('embedded: a folder that is not a database is refused and left unchanged', async () => {
  const folder = dataFolder();
  mkdirSync(join(folder, 'postgres'));
  if (process.getuid?.() === 0) chownSync(join(folder, 'postgres'), PLAIN_USER.uid, PLAIN_USER.gid);
  await expect(start(folder)).rejects.toThrow(/is not a PostgreSQL cluster/);
});

test('embedded: a data folder that cannot be made is refused in one line', async () => {
  const file = join(dataFolder(), 'file');
  writeFileSync(file, '');
  await expect(start(file)).rejects.toThrow(
    /^The data folder .* cannot be used \(EEXIST.*\).*KEYTIDE_DATA_DIR to another folder\.$/,
  );
});

test('embedded: a second gateway on the folder is refused in one line, and the first goes on', async () => {
  const folder = dataFolder();
  const first = await runEmbedded(folder);
  const second = await runEmbedded(folder);
  expect(second.refusal).toMatch(
    /^Another gateway uses the data folder .+: stop it, or set KEYTIDE_DATA_DIR to another folder\.$/,
  );
  await expect(start(folder)).rejects.toThrow(/Another gateway uses/);
  expect(await query(first.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await first.end('SIGTERM');
  expect((await runEmbedded(folder)).wasAdopted).toBe(false);
});

test('embedded: of several concurrent starts on a new folder, one gets it', async () => {
  const folder = dataFolder();
  const all = await Promise.all(Array.from({ length: 4 }, () => runEmbedded(folder)));
  expect(all.filter((gateway) => gateway.refusal === undefined)).toHaveLength(1);
});

test('embedded: a path that is too long for a socket works, and its temporary folder is removed', async () => {
  const folder = join(dataFolder(), 'long-'.repeat(20), 'longer-'.repeat(20));
  const first = await runEmbedded(folder);
  await query(first.connectionString, 'CREATE TABLE kept ()');
  await first.end('SIGKILL');
  const second = await start(folder);
  expect(second.wasAdopted).toBe(true);
  expect(await query(second.connectionString, 'SELECT FROM kept')).toEqual([]);
  const socketFolder = new URL(second.connectionString).searchParams.get('host') ?? '';
  expect(statSync(socketFolder).mode & 0o777).toBe(0o700);
  await second.stop();
  expect(statSync(socketFolder, { throwIfNoEntry: false })).toBeUndefined();
});
