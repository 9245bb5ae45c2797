import type { JournalEntry } from './journal-entry.ts';

/** A history of a database in the journal. */
export interface JournalHistory {
  readonly lineage: string;
  readonly parent: string | null;
  /** The last position before those that the journal covers. */
  readonly from: bigint;
  /** The journal has all events of its kinds up to here. */
  readonly position: bigint;
  /** The last event that it has. */
  readonly last: LastEvent | null;
  /** Positions that it does not cover, because the log no longer had them. */
  readonly gaps: readonly { readonly from: bigint; readonly to: bigint }[];
}

export interface LastEvent {
  readonly position: bigint;
  readonly eventId: string;
}

/** The histories in a journal by their lineage, in the order in which they began. */
export type JournalHistories = ReadonlyMap<string, JournalHistory>;

/** Adds an entry of a journal to its histories. */
export function addEntry(histories: Map<string, JournalHistory>, entry: JournalEntry): void {
  const { lineage } = entry;
  const known = histories.get(lineage);
  if ('format' in entry) {
    const from = BigInt(entry.from);
    const gaps = known !== undefined && known.position < from ? [{ from: known.position, to: from }] : [];
    const begun = { lineage, parent: entry.parent, from, position: from, last: null, gaps: [] };
    const continued = known && { ...known, position: larger(known.position, from), gaps: [...known.gaps, ...gaps] };
    histories.set(lineage, continued ?? begun);
    return;
  }
  if (known === undefined) return;
  const position = BigInt(entry.position);
  const isNewest = 'event' in entry && position >= (known.last?.position ?? 0n);
  const last = isNewest ? { position, eventId: entry.event.id } : known.last;
  histories.set(lineage, { ...known, position: larger(known.position, position), last });
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
