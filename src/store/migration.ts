import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this version's migrations. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** A migration of this version: a folder with one script. */
export interface Migration {
  readonly name: string;
  readonly script: string;
}

/** Returns the migrations in a folder, in the order in which they apply. */
export function readMigrations(folder: string): Migration[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = entries.map((entry) => entry.name).sort();
  return names.map((name) => ({ name, script: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }));
}

/** Returns the checksum by which a changed script is found: SHA-256, in hexadecimal. */
export function checksumOf({ script }: Pick<Migration, 'script'>): string {
  return hash('sha256', script);
}
