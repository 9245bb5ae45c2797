import type { DatabaseHistory } from '../store/database-history.ts';
import { StoreError } from '../store/store-error.ts';
import type { JournalHistories, JournalHistory } from './journal-histories.ts';

/**
 * How the journal and the database fit. NEW: the journal has nothing of this database. WHOLE: the database has all that
 * the journal has. OLDER: the database was restored, and lacks entries of the journal.
 */
export type JournalFit = 'NEW' | 'WHOLE' | 'OLDER';

/** Returns the id of the event at a position; null if the log has none there. */
export type FindEventId = (position: bigint) => Promise<string | null>;

/** Returns the histories that led to the database, or that it was continued by before it was restored. */
export function selectHistories(histories: JournalHistories, { lineages }: DatabaseHistory): JournalHistory[] {
  const related = new Set(lineages.flatMap(({ id, parentId }) => (parentId === null ? [id] : [id, parentId])));
  return [...histories.values()].filter(({ lineage, parent }) => {
    if (!related.has(lineage) && (parent === null || !related.has(parent))) return false;
    related.add(lineage);
    return true;
  });
}

/** Returns the related histories that no other one continues. */
export function findNewest(related: readonly JournalHistory[]): JournalHistory[] {
  return related.filter(({ lineage }) => !related.some(({ parent }) => parent === lineage));
}

/** Returns how the journal and the database fit. */
export async function compareJournal(
  histories: JournalHistories,
  database: DatabaseHistory,
  findEventId: FindEventId,
): Promise<JournalFit> {
  const related = selectHistories(histories, database);
  if (related.length === 0) return 'NEW';
  for (const history of findNewest(related)) if (!(await hasAll(history, database, findEventId))) return 'OLDER';
  return 'WHOLE';
}

/** Returns whether the database has the last event of a history that the journal has, or has replayed it. */
async function hasAll(
  { lineage, last }: JournalHistory,
  { head, oldest, lineages }: DatabaseHistory,
  findEventId: FindEventId,
): Promise<boolean> {
  const child = lineages.find(({ parentId }) => parentId === lineage);
  if (child !== undefined) return (child.replayedTo ?? 0n) >= (last?.position ?? 0n);
  if (lineages[0]?.id !== lineage) return false;
  if (last === null) return true;
  if (last.position <= head && last.position < oldest) return true; // no longer retained
  return (await findEventId(last.position)) === last.eventId;
}

/** The error for a database that must not be served before its journal was replayed. */
export function databaseOlder(path: string): StoreError {
  return new StoreError(
    `Database: found one that is older than the journal of revocations ${path}; expected one that has all its entries: it was restored from a backup, and accepts what has been revoked since. Run: keytide restore --reconcile`,
  );
}
