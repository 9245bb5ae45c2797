import { expect, inject, test } from 'vitest';
import { draftMigration } from '../../prisma/draft-migration.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../src/store/migration.ts';

const migrations = readMigrations(MIGRATIONS_FOLDER);
const { connectionString } = inject('cluster');

test('schema drift: schema.prisma and the migrations agree', async () => {
  expect(await draftMigration(connectionString, migrations)).toBe('');
});

test('schema drift: a difference between schema.prisma and the migrations is detected', async () => {
  const more = { name: '99999999999999_more', script: 'ALTER TABLE "Key" DROP COLUMN "name"' };
  expect(await draftMigration(connectionString, [...migrations, more])).toMatch(
    /ALTER TABLE "Key" ADD COLUMN\s+"name"/,
  );
});
