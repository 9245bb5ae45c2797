import { readBounds } from '../log/head.ts';
import type { Core } from '../store/core.ts';
import type { Lineage } from '../store/database-history.ts';
import { JOURNAL_FORMAT } from './journal-entry.ts';
import type { JournalFile } from './journal-file.ts';

/** With how many events of the log a new journal begins, at most. */
const NEW_JOURNAL_EVENTS = 100_000n;

interface HistoryParts {
  readonly file: JournalFile;
  readonly lineage: Lineage;
}

/** Begins a history in a new journal, or continues it. Returns the position after which events are to be written. */
export async function openHistory(core: Pick<Core, 'prisma'>, { file, lineage }: HistoryParts): Promise<bigint> {
  const { oldest, head } = await readBounds(core);
  const known = file.histories.get(lineage.id);
  // What follows the last entry is read again: the end of the log may have been lost, and its positions given again.
  const last = known?.last?.position ?? known?.from ?? lineage.replayedTo ?? head - NEW_JOURNAL_EVENTS;
  const isRetained = last >= oldest - 1n;
  const from = isRetained ? last : smaller(known?.position ?? 0n, head);
  // A new journal, and one whose next events are no longer retained, begins with the oldest event.
  const position = from < oldest - 1n ? oldest - 1n : from;
  if (known === undefined || position > from) {
    const entry = { lineage: lineage.id, parent: lineage.parentId, from: String(position) };
    await file.append([{ format: JOURNAL_FORMAT, ...entry }]);
  }
  return position;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
