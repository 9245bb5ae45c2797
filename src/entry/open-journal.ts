import { join } from 'node:path';
import { databaseOlder } from '../revocations/compare-journal.ts';
import { JournalFile } from '../revocations/journal-file.ts';
import type { JournalParts } from '../revocations/journal-writer.ts';
import { checkJournal } from '../revocations/reconcile.ts';
import type { Settings } from '../settings/settings.ts';
import { readDatabaseHistory } from '../store/database-history.ts';
import type { HistoryGuard } from '../store/history-guard.ts';
import type { Store } from '../store/prisma.ts';
import { StoreError } from '../store/store-error.ts';

/** The name of the journal in the data folder. */
const REVOCATION_JOURNAL = 'revocations';

/** Returns the path of the journal of revocations. */
export function findJournalPath({ revocationJournal, dataDir }: Settings): string {
  return revocationJournal ?? join(dataDir, REVOCATION_JOURNAL);
}

/**
 * Reads the journal of revocations, and tells the guard which event the database must have from now on.
 *
 * Throws a StoreError if the database is older than its journal, unless it is accepted, and if the journal is damaged.
 */
export async function openJournal(
  store: Store,
  settings: Settings,
  guard: HistoryGuard,
  acceptsOlder: boolean,
): Promise<JournalParts> {
  const file = await JournalFile.open(findJournalPath(settings));
  const client = store.openClient();
  try {
    await client.connect();
    const isOlder = (await checkJournal(client, file)) === 'OLDER';
    if (isOlder && !acceptsOlder) throw databaseOlder(file.path);
    const { lineages } = await readDatabaseHistory(client);
    const [lineage] = lineages;
    if (lineage === undefined) throw new StoreError('Database: the table Lineage has no row: restore the database.');
    if (!isOlder) guard.observe(lineage.id, file.histories.get(lineage.id)?.last ?? null);
    return { file, lineage, guard };
  } finally {
    await client.end();
  }
}
