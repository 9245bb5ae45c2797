import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { type Migration, MIGRATIONS_FOLDER } from '../src/store/migration.ts';
import { listMigrations } from './migration-list.ts';
import { EMPTY_FILTERS, openSchemaEngine } from './schema-engine.ts';
import { openShadowDatabase } from './shadow-database.ts';

const SCHEMA = fileURLToPath(new URL('schema.prisma', import.meta.url));

/**
 * Returns the SQL that changes the result of these migrations into the schema of schema.prisma; '' if they are equal.
 * Checks, partial indexes and rows are not compared, because schema.prisma cannot express them.
 *
 * The server's role needs the right to create databases: the migrations run in a temporary one, which is dropped.
 */
export async function draftMigration(connectionString: string, migrations: readonly Migration[]): Promise<string> {
  const pool = new Pool({ connectionString, max: 2 });
  const engine = await openSchemaEngine(pool, { openShadowDatabase: () => openShadowDatabase(pool) });
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'migrations', ...listMigrations(migrations, MIGRATIONS_FOLDER) },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: readFileSync(SCHEMA, 'utf8') }] },
      script: true,
      exitCode: null,
      filters: EMPTY_FILTERS,
    });
    const script = stdout ?? '';
    return script.replaceAll(/^--.*$/gm, '').trim() === '' ? '' : `${script.trim()}\n`;
  } finally {
    engine.free();
    await pool.end();
  }
}
