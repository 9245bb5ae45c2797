import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { Migration } from '../src/store/migration.ts';

/** The file in which Prisma's tools record for which kind of database the migrations are. */
const LOCK_FILE = 'migration_lock.toml';

/** Returns migrations in the form that the schema engine takes. The folder holds them and their lock file. */
export function listMigrations(migrations: readonly Migration[], folder: string): MigrationList {
  return {
    baseDir: folder,
    lockfile: { path: LOCK_FILE, content: readFileSync(join(folder, LOCK_FILE), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
    })),
  };
}
