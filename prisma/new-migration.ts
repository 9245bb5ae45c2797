// Writes the migration that schema.prisma needs: node prisma/new-migration.ts <name>
//
// If the newest migration already has this name, the script replaces it and preserves the handwritten part below the
// mark. Do this only with a migration that is not released yet.
//
// An index of a large table comes in a migration of its own, written by hand: see INDEX_NOTE.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../src/store/embedded.ts';
import { INDEX_MARKER, isIndexMigration } from '../src/store/index-migration.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../src/store/migration.ts';
import { draftMigration } from './draft-migration.ts';

const MARK = '-- By hand: what schema.prisma cannot say.\n';

/** Printed with each script that creates an index. */
const INDEX_NOTE = `
CREATE INDEX blocks all writers of its table until it ends. For a table that this migration creates, that does not
matter. For a table that may be large, move the statement to a later migration of its own, whose first line is

${INDEX_MARKER}

It runs outside of a transaction and contains only statements of this form, each ending a line with its semicolon:

CREATE [UNIQUE] INDEX CONCURRENTLY IF NOT EXISTS "<name>" ON "<table>" (<columns>);

See docs/decisions/0031-own-migrations.md.`;

const [name = ''] = process.argv.slice(2);
if (!/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error('usage: node prisma/new-migration.ts <name in_small_letters>');
  process.exit(1);
}

const migrations = readMigrations(MIGRATIONS_FOLDER);
const newest = migrations.at(-1);
const redrawn = newest?.name.endsWith(`_${name}`) ? newest : undefined;
if (redrawn !== undefined && isIndexMigration(redrawn)) {
  console.error(`${redrawn.name} builds indexes concurrently: edit it by hand.`);
  process.exit(1);
}
const earlier = redrawn === undefined ? migrations : migrations.slice(0, -1);
const byHand = redrawn?.script.split(MARK)[1] ?? '';

const folder = mkdtempSync(join(tmpdir(), 'keytide-migration-'));
const { connectionString, stop } = await startEmbedded({ folder, fsync: false, log: console });
try {
  const script = await draftMigration(connectionString, earlier);
  if (script === '' && redrawn === undefined) {
    console.log('schema.prisma and the migrations agree: nothing to do.');
  } else {
    const target = redrawn?.name ?? `${new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)}_${name}`;
    mkdirSync(join(MIGRATIONS_FOLDER, target), { recursive: true });
    writeFileSync(join(MIGRATIONS_FOLDER, target, 'migration.sql'), `${script}\n${MARK}${byHand}`);
    console.log(`${redrawn === undefined ? 'Wrote' : 'Replaced'} prisma/migrations/${target}/migration.sql`);
    if (/^CREATE (UNIQUE )?INDEX/m.test(script)) console.log(INDEX_NOTE);
  }
} finally {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}
