import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createPgClient } from '../../src/store/connection.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/store/migration.ts';
import { emptyDatabase } from '../support/database.ts';
import { silent } from '../support/embedded-process.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

/** What `record.ts` wrote with the release before. Rows are as `to_jsonb` prints them. */
interface Recorded {
  readonly at: string;
  readonly olga: { readonly id: string };
  readonly keys: Readonly<Record<string, { id: string; secret: string; oldSecret?: string }>>;
  readonly brake: { readonly brakeId: string; readonly bindingId: string };
  readonly webhook: { readonly webhook: { readonly id: string } };
  readonly tables: Readonly<Record<string, readonly string[]>>;
}

export const recorded = JSON.parse(
  gunzipSync(readFileSync(new URL('database.json.gz', import.meta.url))).toString(),
) as Recorded;

/** A database as the release before left it, with that release's migrations alone. */
export async function restoreRecorded(): Promise<string> {
  const database = await emptyDatabase();
  const folder = scratchFolder();
  const { _prisma_migrations: migrations = [], ...tables } = recorded.tables;
  for (const row of migrations) {
    const { migration_name: name } = JSON.parse(row) as { migration_name: string };
    cpSync(join(MIGRATIONS_FOLDER, name), join(folder, name), { recursive: true });
  }
  cpSync(join(MIGRATIONS_FOLDER, 'migration_lock.toml'), join(folder, 'migration_lock.toml'));
  await migrate(database, { log: silent, folder });
  const client = createPgClient(database);
  await client.connect();
  try {
    // Rows come in the order of their tables' names: foreign keys are not checked on the way.
    await client.query('SET session_replication_role = replica');
    for (const [name, rows] of Object.entries(tables)) {
      const table = client.escapeIdentifier(name);
      await client.query(`DELETE FROM ${table}`);
      await client.query(
        `INSERT INTO ${table} SELECT (jsonb_populate_record(NULL::${table}, line::jsonb)).* FROM unnest($1::text[]) line`,
        [rows],
      );
    }
  } finally {
    await client.end();
  }
  return database;
}
