import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'pg';
import { listMigrations } from '../../prisma/migration-list.ts';
import { EMPTY_FILTERS, openSchemaEngine, type SchemaEngine } from '../../prisma/schema-engine.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../src/store/migration.ts';
import { scratchFolder } from './scratch-folder.ts';

/** Writes migrations into a folder, by name, and returns the folder. */
export function writeMigrations(scripts: Record<string, string>, folder = scratchFolder()): string {
  writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "postgresql"\n');
  for (const [name, script] of Object.entries(scripts)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'migration.sql'), script);
  }
  return folder;
}

/** Applies the migrations of a folder with Prisma's schema engine, and returns the names of the applied ones. */
export function applyWithEngine(connectionString: string, folder = MIGRATIONS_FOLDER): Promise<string[]> {
  return useEngine(connectionString, async (engine) => {
    const input = { migrationsList: listMigrations(readMigrations(folder), folder), filters: EMPTY_FILTERS };
    return (await engine.applyMigrations(input)).appliedMigrationNames;
  });
}

/** Returns what Prisma's schema engine finds in the history of a database. */
export function diagnoseWithEngine(connectionString: string, folder = MIGRATIONS_FOLDER) {
  return useEngine(connectionString, (engine) => {
    const migrationsList = listMigrations(readMigrations(folder), folder);
    return engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: EMPTY_FILTERS });
  });
}

/** A diagnosis with which `prisma migrate deploy` goes on. */
export const SOUND_HISTORY = {
  editedMigrationNames: [],
  failedMigrationNames: [],
  hasMigrationsTable: true,
  history: null,
};

/** Runs the engine on a connection that is closed afterwards, which releases the lock on migrations. */
async function useEngine<T>(connectionString: string, run: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const pool = new Pool({ connectionString, max: 1 });
  const engine = await openSchemaEngine(pool);
  try {
    return await run(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}
