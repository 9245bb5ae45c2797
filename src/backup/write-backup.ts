import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Client } from 'pg';
import { listPartitions } from '../log/partitions.ts';
import { quoteIdentifier } from '../store/connection.ts';
import { copyOut } from '../store/copy.ts';
import { readMigrationHistory } from '../store/migration-history.ts';
import { StoreError } from '../store/store-error.ts';
import { END_OF_ROWS, FORMAT_VERSION, type BackupHeader, type BackupTrailer } from './backup-format.ts';
import { listTables } from './list-tables.ts';

const LINE_BREAK = 0x0a;

/** What a backup contains. */
export interface BackupSummary {
  readonly header: BackupHeader;
  readonly rows: BackupTrailer['rows'];
}

/**
 * Writes a backup of the database to a stream: all tables, as they were at one moment. Nodes may go on; no row waits for
 * the backup. The memory is bounded. The caller ends the stream.
 *
 * Throws a StoreError if the schema is not a whole database of Keytide.
 */
export async function writeBackup(client: Client, version: string, to: Writable): Promise<BackupSummary> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const header = await readHeader(client, version);
  const tables = await listTables(client);
  // A migration that begins now waits for the end of the backup.
  await client.query(`LOCK TABLE ${tables.map(({ table }) => quoteIdentifier(table)).join(', ')} IN ACCESS SHARE MODE`);
  const write = async (data: Buffer | string) => {
    if (!to.write(data)) await once(to, 'drain');
  };
  const writeLine = (value: object) => write(`${JSON.stringify(value)}\n`);
  await writeLine(header);
  const rows: Record<string, number> = {};
  for (const table of tables) {
    await writeLine(table);
    const columns = table.columns.map(quoteIdentifier).join(', ');
    // A partitioned table is copied by a query: before PostgreSQL 18 it cannot be copied itself.
    const sql = `COPY (SELECT ${columns} FROM ${quoteIdentifier(table.table)}) TO STDOUT`;
    let count = 0;
    for await (const chunk of copyOut(client, sql)) {
      count += countRows(chunk);
      await write(chunk);
    }
    rows[table.table] = count;
    await write(`${END_OF_ROWS}\n`);
  }
  await writeLine({ rows });
  await client.query('COMMIT');
  return { header, rows };
}

/** Counts the rows in a piece of whole rows: COPY escapes the line breaks in values. */
export function countRows(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(LINE_BREAK); at !== -1; at = chunk.indexOf(LINE_BREAK, at + 1)) count += 1;
  return count;
}

async function readHeader(client: Client, version: string): Promise<BackupHeader> {
  const history = (await readMigrationHistory(client)).filter((row) => row.rolled_back_at === null);
  const unfinished = history.find((row) => row.finished_at === null);
  if (unfinished !== undefined)
    throw new StoreError(
      `Database: found the unfinished migration ${unfinished.migration_name}; expected a migrated database: start the gateway, which finishes it, and back up again.`,
    );
  if (history.length === 0)
    throw new StoreError(
      'Database: found no tables of Keytide; expected its database: set DATABASE_URL or KEYTIDE_DATA_DIR as for the gateway.',
    );
  const { rows } = await client.query<{ at: Date; position: string; hasLineage: boolean }>(
    `SELECT now() AS at, position, to_regclass('"Lineage"') IS NOT NULL AS "hasLineage" FROM "LogHead"`,
  );
  const [head] = rows;
  if (head === undefined) throw new StoreError('Database: the table LogHead has no row: restore the database.');
  const lineages = head.hasLineage
    ? (await client.query<{ id: string }>('SELECT id FROM "Lineage" ORDER BY "beganAt" DESC LIMIT 1')).rows
    : [];
  const partitions = (await listPartitions(client)).map(({ name, from, end }) => ({
    name,
    from: String(from),
    end: String(end),
  }));
  return {
    keytideBackup: FORMAT_VERSION,
    version,
    createdAt: head.at.toISOString(),
    migrations: history.map(({ migration_name: name, checksum }) => ({ name, checksum })),
    lineage: lineages[0]?.id ?? null,
    position: head.position,
    partitions,
  };
}
