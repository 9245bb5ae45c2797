import type { ClientBase } from 'pg';
import { StoreError } from '../store/store-error.ts';
import type { BackupTable } from './backup-format.ts';

/**
 * The tables of Keytide's schema: not the partitions of a table, not a partition of the log that was detached to be
 * dropped, and not the record of migrations, which a restore writes itself.
 */
const TABLES = `relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
  AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> '_prisma_migrations' AND relname !~ '^Event_[0-9]+$'`;

/** Lists the tables with their columns, each after the tables that it refers to. */
export async function listTables(client: Pick<ClientBase, 'query'>): Promise<BackupTable[]> {
  const { rows } = await client.query<BackupTable & { readonly parents: string[] }>(
    `SELECT relname AS table,
       (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns,
       ARRAY(SELECT DISTINCT p.relname::text FROM pg_constraint JOIN pg_class p ON p.oid = confrelid
             WHERE conrelid = c.oid AND contype = 'f' AND confrelid <> c.oid) AS parents
     FROM pg_class c WHERE ${TABLES} ORDER BY relname`,
  );
  const sorted: BackupTable[] = [];
  let rest = rows;
  while (rest.length > 0) {
    const waiting = new Set(rest.map(({ table }) => table));
    const next = rest.filter(({ parents }) => !parents.some((parent) => waiting.has(parent)));
    if (next.length === 0)
      throw new StoreError(`Database: found tables that refer to each other (${[...waiting].join(', ')}).`);
    sorted.push(...next.map(({ table, columns }) => ({ table, columns })));
    rest = rest.filter((row) => !next.includes(row));
  }
  return sorted;
}
