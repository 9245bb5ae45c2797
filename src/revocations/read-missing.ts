import type { DatabaseHistory } from '../store/database-history.ts';
import { selectHistories } from './compare-journal.ts';
import type { EventEntry } from './journal-entry.ts';
import { readJournalEntries } from './journal-file.ts';
import type { JournalHistories, JournalHistory } from './journal-histories.ts';

/** What the journal has and the database lacks. */
export interface MissingEntries {
  /** By key: its entries, oldest first. The last one has the newest state. */
  readonly keys: ReadonlyMap<string, readonly EventEntry[]>;
  /** Entries that are not about keys, oldest first. */
  readonly others: readonly EventEntry[];
  /** Positions after the end of the database that the journal does not cover: what happened there is unknown. */
  readonly gap: { readonly from: bigint; readonly to: bigint } | null;
}

/** The log of the database. */
export interface StoredLog {
  /** Returns which of these positions the log has, with the ids of their events. */
  findEventIds(positions: readonly bigint[]): Promise<ReadonlyMap<bigint, string>>;
  /** Returns the last position that the log has, or had before it was dropped, up to a position. */
  findLastPosition(upTo: bigint): Promise<bigint>;
}

/** Number of entries whose events are looked for at once. */
const BATCH_SIZE = 1_000;

/** Reads the entries of a journal that the database lacks. The memory grows with them, and not with the journal. */
export async function readMissing(
  path: string,
  histories: JournalHistories,
  database: DatabaseHistory,
  log: StoredLog,
): Promise<MissingEntries> {
  const { head, oldest, lineages } = database;
  const related = selectHistories(histories, database);
  const isRelated = new Set(related.map(({ lineage }) => lineage));
  const replayedTo = new Map(
    lineages.map((row) => [row.parentId, row.replayedTo ?? 0n]).toReversed() as [string, bigint][],
  );
  const isKnown = ({ lineage, position }: EventEntry) => {
    const at = BigInt(position);
    // What the log no longer retains was in it.
    return at <= (replayedTo.get(lineage) ?? 0n) || (at <= head && at < oldest);
  };
  const missing: EventEntry[] = [];
  let batch: EventEntry[] = [];
  const flush = async () => {
    const found = await log.findEventIds(batch.map(({ position }) => BigInt(position)));
    missing.push(...batch.filter(({ position, event }) => found.get(BigInt(position)) !== event.id));
    batch = [];
  };
  for await (const entry of readJournalEntries(path)) {
    if (!('event' in entry) || !isRelated.has(entry.lineage) || isKnown(entry)) continue;
    batch.push(entry);
    if (batch.length === BATCH_SIZE) await flush();
  }
  await flush();

  const keys = new Map<string, EventEntry[]>();
  const others: EventEntry[] = [];
  for (const entry of sortEntries(missing)) {
    const { keyId } = entry.event;
    const list = keyId === null ? others : (keys.get(keyId) ?? []);
    list.push(entry);
    if (keyId !== null) keys.set(keyId, list);
  }
  const wasReplayed = lineages.some(({ parentId }) => parentId !== null && isRelated.has(parentId));
  return { keys, others, gap: wasReplayed ? null : await findGap(related, log) };
}

/** Returns the positions that neither the journal nor the log has, from the first to the last. */
async function findGap(related: readonly JournalHistory[], log: StoredLog): Promise<MissingEntries['gap']> {
  const firsts: bigint[] = [];
  const ends: bigint[] = [];
  for (const { from, to } of related.flatMap((history) => [{ from: 0n, to: history.from }, ...history.gaps])) {
    const last = await log.findLastPosition(to);
    const first = (last > from ? last : from) + 1n;
    if (first > to) continue;
    firsts.push(first);
    ends.push(to);
  }
  const [from] = firsts;
  const to = ends.at(-1);
  return from === undefined || to === undefined ? null : { from, to };
}

/** Sorts entries by position. Processes that share a file may have written an entry twice: the newer one counts. */
function sortEntries(entries: readonly EventEntry[]): EventEntry[] {
  const byPosition = new Map(entries.map((entry) => [entry.position, entry]));
  return [...byPosition.values()].toSorted((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1));
}
