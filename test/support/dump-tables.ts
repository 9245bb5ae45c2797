import type { Client } from 'pg';

/** Every row of a database, by table, as sorted lines of JSON; what lies in partitions, as one. What is bytes reads `\\x` and hexadecimal digits. */
export async function dumpTables(client: Client): Promise<Record<string, string[]>> {
  const names = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`,
  );
  const tables: Record<string, string[]> = {};
  for (const { name } of names.rows) {
    const { rows } = await client.query<{ line: string }>(
      `SELECT to_jsonb(t)::text AS line FROM ${client.escapeIdentifier(name)} t ORDER BY 1`,
    );
    tables[name] = rows.map(({ line }) => line);
  }
  return tables;
}
