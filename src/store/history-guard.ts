import type { ClientBase } from 'pg';
import { readDatabaseHistory, readEventIds, type DatabaseHistory } from './database-history.ts';
import { RefusedServerError } from './server-facts.ts';

/** An event that the database must have. */
export interface ExpectedEvent {
  readonly position: bigint;
  readonly eventId: string;
}

/**
 * Remembers the last event of the journal of revocations, and refuses a database that does not have it: such a database was
 * restored, and does not know what has been revoked since.
 */
export class HistoryGuard {
  #lineage: string | null = null;
  #event: ExpectedEvent | null = null;

  /** Takes note of the history of the database, and of the newest event that it must have. */
  observe(lineage: string, event: ExpectedEvent | null): void {
    const isNewer = event !== null && event.position > (this.#event?.position ?? 0n);
    if (lineage !== this.#lineage || isNewer) this.#event = event;
    this.#lineage = lineage;
  }

  /** Throws a RefusedServerError if the database of a connection is not the one that the node knows. */
  async check(client: Pick<ClientBase, 'query'>): Promise<void> {
    const lineage = this.#lineage;
    const event = this.#event;
    if (lineage === null) return;
    const history = await readDatabaseHistory(client);
    const current = history.lineages[0]?.id;
    if (current === lineage) {
      if (event !== null && !(await hasEvent(client, history, event))) throw refuse(history, event);
      return;
    }
    // Another process has replayed the journal, as far as this node knows it.
    const isReconciled = history.lineages.some(
      ({ parentId, replayedTo }) => parentId === lineage && (replayedTo ?? 0n) >= (event?.position ?? 0n),
    );
    if (current === undefined || !isReconciled) throw refuse(history, event);
    this.observe(current, null);
  }
}

async function hasEvent(
  client: Pick<ClientBase, 'query'>,
  { head, oldest }: DatabaseHistory,
  { position, eventId }: ExpectedEvent,
): Promise<boolean> {
  if (position > head) return false;
  if (position < oldest) return true; // no longer retained
  return (await readEventIds(client, [position])).get(position) === eventId;
}

function refuse({ head }: DatabaseHistory, event: ExpectedEvent | null): RefusedServerError {
  const expected = event === null ? 'its own history' : `one that has event ${event.position} of this node's journal`;
  return new RefusedServerError(
    `Database: found a history that ends at event ${head}; expected ${expected}: the database was restored from a backup. Stop all nodes, and run: keytide restore --reconcile`,
  );
}
