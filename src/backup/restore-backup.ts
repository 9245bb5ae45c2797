import { DatabaseError, type Client } from 'pg';
import { quoteIdentifier } from '../store/connection.ts';
import { copyIn } from '../store/copy.ts';
import { isIndexMigration, readIndexStatements } from '../store/index-migration.ts';
import { createHistory, recordFinish, recordStart } from '../store/migration-record.ts';
import { checksumOf, type Migration } from '../store/migration.ts';
import { describeError, StoreError } from '../store/store-error.ts';
import { damageError, type BackupHeader, type BackupTable, type BackupTrailer } from './backup-format.ts';
import { listTables } from './list-tables.ts';
import type { BackupReader } from './read-backup.ts';
import { countRows } from './write-backup.ts';

/** The advisory lock of migrations: a node that starts meanwhile waits. */
const LOCK_KEY = 72_707_369;

/**
 * Restores a backup into an empty schema, in one transaction: if anything interrupts it, the schema stays empty. The
 * database then has the migrations that it had at the backup. Returns how many rows each table has.
 *
 * Throws a StoreError if the schema is not empty, if this version does not know a migration of the backup, or if the
 * file was cut short or altered.
 */
export async function restoreBackup(
  client: Client,
  reader: BackupReader,
  migrations: readonly Migration[],
  path: string,
): Promise<BackupTrailer['rows']> {
  const needed = chooseMigrations(reader.header, migrations, path);
  await client.query('BEGIN');
  try {
    await lockMigrations(client);
    await checkEmpty(client);
    await createTables(client, needed);
    const tables = await listTables(client);
    await client.query(`TRUNCATE ${tables.map(({ table }) => quoteIdentifier(table)).join(', ')}`);
    await replacePartitions(client, reader.header, path);
    const rows = await copyTables(client, reader, tables, path);
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`);
    return rows;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // a lost connection has rolled back
    throw describeFailure(error, path);
  }
}

/** Returns a failure as a StoreError. */
function describeFailure(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  // Data exceptions and broken constraints: no row of a database breaks its own rules.
  if (error instanceof DatabaseError && /^2[23]/.test(error.code ?? ''))
    return damageError(path, `rows that the database does not accept (${error.code})`);
  return new StoreError(`The restore failed, and nothing was restored: ${describeError(error)}`, { cause: error });
}

/** Returns the migrations of the backup. Throws a StoreError if one is unknown or differs. */
function chooseMigrations(
  { migrations, version }: BackupHeader,
  known: readonly Migration[],
  path: string,
): Migration[] {
  const unknown = migrations.filter(({ name }) => !known.some((migration) => migration.name === name));
  if (unknown.length > 0)
    throw new StoreError(
      `Backup ${path}: found the migrations ${unknown.map(({ name }) => name).join(', ')} of a newer Keytide (${version}); expected a backup of this version or an older one: restore it with that version or a later one.`,
    );
  const names = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  const chosen = known.filter(({ name }) => names.has(name));
  const changed = chosen.find((migration) => names.get(migration.name) !== checksumOf(migration));
  if (changed === undefined) return chosen;
  throw new StoreError(
    `Backup ${path}: found migration ${changed.name} with another script than this Keytide has; expected the released one: restore the backup with the version that wrote it (${version}).`,
  );
}

async function lockMigrations(client: Client): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [LOCK_KEY]);
  if (rows[0]?.taken === true) return;
  throw new StoreError('Database: another process migrates or restores it: stop all nodes, and restore again.');
}

async function checkEmpty(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string; schema: string }>(
    `SELECT relname AS name, nspname AS schema FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname = current_schema() AND relkind IN ('r', 'p')
       AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
     ORDER BY 1 LIMIT 3`,
  );
  if (rows.length === 0) return;
  throw new StoreError(
    `Database: found tables in the schema ${rows[0]?.schema} (${rows.map(({ name }) => name).join(', ')}); expected an empty one: ` +
      'create a database and lead DATABASE_URL to it, or name a new schema with ?schema=<name>, or move the folder postgres out of KEYTIDE_DATA_DIR.',
  );
}

async function createTables(client: Client, migrations: readonly Migration[]): Promise<void> {
  await createHistory(client);
  for (const migration of migrations) {
    const id = await recordStart(client, migration);
    // The tables are empty, so an index need not be built concurrently, which no transaction allows.
    if (isIndexMigration(migration))
      for (const { sql } of readIndexStatements(migration)) await client.query(sql.replace(/\sCONCURRENTLY\s/i, ' '));
    else await client.query(migration.script);
    await recordFinish(client, id);
  }
}

/** Replaces the partitions that the migrations created, which are empty, by those of the backup. */
async function replacePartitions(client: Client, { partitions }: BackupHeader, path: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = to_regclass('"Event"')`,
  );
  for (const { name } of rows) await client.query(`DROP TABLE ${quoteIdentifier(name)}`);
  for (const { name, from, end } of partitions) {
    if (!/^\d+$/.test(from) || !/^\d+$/.test(end)) throw damageError(path, 'a partition without bounds');
    const partition = quoteIdentifier(name);
    await client.query(`CREATE TABLE ${partition} (LIKE "Event" INCLUDING DEFAULTS INCLUDING INDEXES)`);
    await client.query(`ALTER TABLE "Event" ATTACH PARTITION ${partition} FOR VALUES FROM (${from}) TO (${end})`);
  }
}

async function copyTables(
  client: Client,
  reader: BackupReader,
  tables: readonly BackupTable[],
  path: string,
): Promise<BackupTrailer['rows']> {
  const rows: Record<string, number> = {};
  for (;;) {
    const section = await reader.readSection();
    if (!('table' in section)) {
      const isWhole = tables.every(({ table }) => section.rows[table] === rows[table] && rows[table] !== undefined);
      if (!isWhole) throw damageError(path, 'other rows than it says at its end');
      return rows;
    }
    const { table, columns } = section;
    const known = tables.find((each) => each.table === table);
    if (known === undefined || columns.some((column) => !known.columns.includes(column)))
      throw damageError(path, `the table ${table}, or columns of it, that its migrations do not create`);
    rows[table] = 0;
    const count = async function* () {
      for await (const chunk of reader.readRows()) {
        rows[table] = (rows[table] ?? 0) + countRows(chunk);
        yield chunk;
      }
    };
    const sql = `COPY ${quoteIdentifier(table)} (${columns.map(quoteIdentifier).join(', ')}) FROM STDIN`;
    await copyIn(client, sql, count());
  }
}
