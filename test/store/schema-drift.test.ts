import { expect, inject, test } from 'vitest';
import { draftMigration } from '../../prisma/draft-migration.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../src/store/migration-history.ts';

const migrations = readMigrations(MIGRATIONS_FOLDER);
const { connectionString } = inject('cluster');

test('schema.prisma and the migrations say the same', async () => {
  expect(await draftMigration(connectionString, migrations)).toBe('');
});

test('schema.prisma and the migrations: a difference would show', async () => {
  const more = { name: '99999999999999_more', script: 'ALTER TABLE "Key" DROP COLUMN "name"' };
  expect(await draftMigration(connectionString, [...migrations, more])).toMatch(
    /ALTER TABLE "Key" ADD COLUMN\s+"name"/,
  );
});
