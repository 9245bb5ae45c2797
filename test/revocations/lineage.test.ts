import { expect, onTestFinished, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { readDatabaseHistory } from '../../src/store/database-history.ts';
import { migrate } from '../../src/store/migrate.ts';
import { silent } from '../support/embedded-process.ts';
import { backUpTo, restoreFrom } from '../support/revocation-journal.ts';
import { restoreRecorded } from '../upgrade/recorded-database.ts';

test('lineage: a backup of the release before belongs to the history of the database that was upgraded later', async () => {
  const database = await restoreRecorded();
  const backup = await backUpTo(database);
  const client = createPgClient(database);
  await client.connect();
  onTestFinished(() => client.end());
  // An account whose id is before all others.
  const { rowCount } = await client.query(
    `INSERT INTO "Account" SELECT (jsonb_populate_record(account,
       '{"id": "0", "email": "late@example.com", "createdAt": "2100-01-01T00:00:00Z"}')).*
     FROM "Account" AS account LIMIT 1`,
  );
  expect(rowCount).toBe(1);
  await migrate(database, { log: silent });
  const copy = createPgClient(await restoreFrom(backup));
  await copy.connect();
  onTestFinished(() => copy.end());
  const [upgraded, restored] = [await readDatabaseHistory(client), await readDatabaseHistory(copy)];
  expect(restored.lineages).toEqual(upgraded.lineages);
  expect(upgraded.lineages).toHaveLength(1);
});
