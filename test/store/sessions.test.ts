import { expect, test } from 'vitest';
import { readDatabaseAddress } from '../../src/store/connection.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/prisma.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { emptyDatabase, freshDatabase, startedDatabase } from '../support/database.ts';
import { silent } from '../support/embedded-process.ts';
import { sealingKey } from '../support/first-node.ts';
import { openGateway } from '../support/gateway.ts';
import { refusedGateway } from '../support/gateway-process.ts';
import { issue } from '../support/issue.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { runSql } from '../support/standby.ts';

const nameOf = (database: string) => new URL(database).pathname.slice(1);

function withSchema(database: string, schema: string): string {
  const url = new URL(database);
  url.searchParams.set('schema', schema);
  return url.href;
}

async function countTables(database: string, schema: string): Promise<unknown> {
  const sql = `SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = '${schema}'`;
  return (await runSql(database, sql))[0]?.['count'];
}

/** Defaults that a role or a database may have, each of which once broke something. */
const defaults = {
  'time zone': `TimeZone = 'Asia/Kathmandu'`,
  'form of dates': `DateStyle = 'German'`,
  'form of intervals': `IntervalStyle = 'sql_standard'`,
  'form of numbers': 'extra_float_digits = -15',
  'form of bytes': `bytea_output = 'escape'`,
  'form of literals': 'standard_conforming_strings = off',
  'meaning of = NULL': 'transform_null_equals = on',
  'meaning of NULL in arrays': 'array_nulls = off',
  'isolation of transactions': 'default_transaction_isolation = serializable',
  'read-only transactions': 'default_transaction_read_only = on',
  'unacknowledged commits': 'synchronous_commit = off',
  'search path': `search_path = 'nowhere'`,
  encoding: `client_encoding = 'LATIN1'`,
};

test('sessions: whatever the defaults of the database are, keys are issued, verified and read as they were written', async () => {
  const database = await startedDatabase();
  const sets = Object.values(defaults).map((one) => `ALTER DATABASE ${nameOf(database)} SET ${one}`);
  await runSql(database, ...sets);
  expect(await migrate(database, { log: silent })).toEqual([]);
  const gateway = await openGateway({ database });
  const token = await gateway.admin();
  const { id, secret } = await issue(gateway, token, { name: 'Müller ☂ \\ 𝄞' });
  const { data, errors } = await gateway.ask('query ($id: ID!) { key(id: $id) { name createdAt } }', { id }, token);
  expect(errors).toBeUndefined();
  expect(data['key']).toEqual({ name: 'Müller ☂ \\ 𝄞', createdAt: gateway.clock.now().toISOString() });
  const verified = await gateway.ask(VERIFY_KEY, { input: { secret } }, token);
  expect(verified.data['verifyKey'].outcome).toBe('VALID');
  const [row] = await gateway.prisma.$queryRaw<
    { durable: string; ms: number }[]
  >`SELECT current_setting('synchronous_commit') AS durable, 1.2345678901234567::float8 AS ms`;
  expect(row).toEqual({ durable: 'on', ms: 1.2345678901234567 });
});

test('sessions: a first start also migrates under these defaults', async () => {
  const database = await emptyDatabase();
  await runSql(database, ...Object.values(defaults).map((one) => `ALTER DATABASE ${nameOf(database)} SET ${one}`));
  expect(await migrate(database, { log: silent })).not.toEqual([]);
  expect(await countTables(database, 'public')).toBeGreaterThan(30);
});

test('sessions: idle connections outlive the operator’s idle_session_timeout; statement timeouts stay', async () => {
  const database = await freshDatabase();
  await runSql(
    database,
    `ALTER DATABASE ${nameOf(database)} SET idle_session_timeout = '1min'`,
    `ALTER DATABASE ${nameOf(database)} SET statement_timeout = 7654`,
  );
  const store = openStore(database, { poolSize: 2, log: silent });
  const sql = `SELECT current_setting('idle_session_timeout') AS idle, current_setting('statement_timeout') AS statement`;
  expect(await store.prisma.$queryRawUnsafe(sql)).toEqual([{ idle: '0', statement: '7654ms' }]);
  await store.close();
});

test('sessions: a database that is not encoded in UTF-8 is refused in one sentence', async () => {
  const database = await emptyDatabase();
  const name = `${nameOf(database)}_latin1`;
  await runSql(database, `CREATE DATABASE ${name} ENCODING LATIN1 TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'`);
  const refused = migrate(Object.assign(new URL(database), { pathname: `/${name}` }).href, { log: silent });
  await expect(refused).rejects.toThrow(StoreError);
  await expect(refused).rejects.toThrow(/^Database: found encoding LATIN1; expected UTF8: [^\n]+\.$/);
  const ended = await refusedGateway(scratchFolder(), {
    DATABASE_URL: Object.assign(new URL(database), { pathname: `/${name}` }).href,
    KEYTIDE_SEALING_KEY: Buffer.from(sealingKey).toString('base64'),
  });
  expect([ended.status, ended.stdout]).toEqual([69, '']);
  expect(ended.stderr).toMatch(/^keytide: Database: found encoding LATIN1; expected UTF8: [^\n]+\n$/);
});

test('sessions: a role for which foreign keys are switched off is refused', async () => {
  const database = await freshDatabase();
  await runSql(database, `ALTER DATABASE ${nameOf(database)} SET session_replication_role = replica`);
  await expect(migrate(database, { log: silent })).rejects.toThrow('found session_replication_role replica');
});

test('schema: a role’s own schema is not taken by accident', async () => {
  const database = await emptyDatabase();
  await runSql(database, 'CREATE SCHEMA keytide'); // "$user" is first in PostgreSQL's default search_path
  await migrate(database, { log: silent });
  expect(await countTables(database, 'keytide')).toBe(0);
  expect(await countTables(database, 'public')).toBeGreaterThan(30);
});

test('schema: a named one is created, and all tables live there', async () => {
  const database = await emptyDatabase();
  const named = withSchema(database, 'K t-1');
  await migrate(named, { log: silent });
  expect(await migrate(named, { log: silent })).toEqual([]);
  expect(await countTables(database, 'public')).toBe(0);
  const gateway = await openGateway({ database: named });
  const token = await gateway.admin();
  const { secret } = await issue(gateway, token);
  const verified = await gateway.ask(VERIFY_KEY, { input: { secret } }, token);
  expect(verified.data['verifyKey'].outcome).toBe('VALID');
  // A second installation in another schema of the same database.
  await migrate(database, { log: silent });
  expect(await countTables(database, 'public')).toBe(await countTables(database, 'K t-1'));
});

test('schema: one that is missing or closed to the role is refused, with what to do', async () => {
  const database = await emptyDatabase();
  await runSql(database, 'DROP SCHEMA public');
  await expect(migrate(database, { log: silent })).rejects.toThrow(/found no schema public; .*\?schema=<name>/);
  const role = `plain_${nameOf(database)}`;
  await runSql(
    database,
    'CREATE SCHEMA closed',
    `CREATE ROLE ${role}`,
    `ALTER DATABASE ${nameOf(database)} SET role = ${role}`,
  );
  const refused = (schema: string) => migrate(withSchema(database, schema), { log: silent });
  await expect(refused('closed')).rejects.toThrow(/GRANT USAGE, CREATE ON SCHEMA "closed" TO "plain_/);
  await expect(refused('other')).rejects.toThrow(/^Database: the schema other is missing and cannot be created: /);
  await runSql(database, 'SET role = keytide', `GRANT USAGE ON SCHEMA closed TO ${role}`);
  await expect(refused('closed')).rejects.toThrow(/may not create tables in it: GRANT CREATE ON SCHEMA "closed"/);
  await runSql(database, 'SET role = keytide', `GRANT CREATE ON SCHEMA closed TO ${role}`);
  expect(await refused('closed')).not.toEqual([]);
});

test.for([
  ['two schemas', '?schema=a&schema=b'],
  ['no name', '?schema='],
  ['a name with quotes', '?schema=a%22b'],
  ['a name of the system', '?schema=pg_catalog'],
  ['a name that is too long', `?schema=${'ä'.repeat(32)}`],
  ['a search path in options', '?options=-c%20search_path%3Dkt'],
  ['a search path in options, written otherwise', '?options=--search-path%3Dkt'],
] as const)('schema: %s is refused', ([, query]) => {
  expect(() => readDatabaseAddress(`postgresql://me:hushhush@db/keytide${query}`)).toThrow(/^DATABASE_URL: found /);
  expect(() => readDatabaseAddress(`postgresql://me:hushhush@db/keytide${query}`)).not.toThrow(/hushhush/);
});
