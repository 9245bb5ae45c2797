import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Clock } from '../../store/clock.ts';
import { copyOut } from '../../store/copy.ts';
import type { KeyTable } from './key-table.ts';
import type { VerifiedRealm } from '../../verifier/stored-secret.ts';
import { type KeyRange, StoredRows, verifiableSecrets } from './stored-rows.ts';

/** How many secrets are put into the table in one turn of the event loop: about a millisecond. */
const TURN_SIZE = 250;

/** How many keys one statement reads. */
const RANGE_SIZE = 25_000;

/** One snapshot. Joins of a range stay in memory; each statement runs once, so it is not compiled. */
const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off`;

export interface FillOptions {
  /** Opens a dedicated connection, which checks that its server may be used. */
  readonly connect: () => Promise<Client>;
  readonly clock: Clock;
  /** The position of the newest event that this node has read. */
  readonly head: () => bigint;
  /** Ends the filling. */
  readonly signal: AbortSignal;
  /** How many keys one statement reads. */
  readonly rangeSize?: number;
}

/**
 * Fills a table with all secrets that can still verify, up to its capacity, those that were used most recently first. It
 * reads them in one stream, as of one moment, while the node verifies on demand. The log must be followed before the
 * call: what changes meanwhile is noted, and is not taken from the stream.
 *
 * @throws the error of the database, or if too much has changed meanwhile. The table is as good as before: what is not in
 * it is read on demand.
 */
export async function fillTable(table: KeyTable, options: FillOptions): Promise<void> {
  const { connect, clock, head, signal, rangeSize = RANGE_SIZE } = options;
  const filling = table.startFilling();
  try {
    const position = head();
    const client = await connect();
    const cut = () => void client.end().catch(() => undefined);
    signal.addEventListener('abort', cut);
    try {
      // Rounded down to before the snapshot.
      const readAt = clock.now();
      await client.query(BEGIN);
      await checkPosition(client, position);
      const realms = await readRealms(client);
      const rows = new StoredRows(realms);
      const statements = await listStatements(client, readAt, table.capacity, rangeSize);
      for await (const piece of copyOut(client, ...statements)) {
        let count = 0;
        for (const stored of rows.parse(piece)) {
          if (signal.aborted || !filling.put(stored, readAt.getTime())) return;
          count += 1;
          if (count % TURN_SIZE === 0) await nextTurn();
        }
      }
      await client.query('COMMIT');
    } finally {
      signal.removeEventListener('abort', cut);
      cut();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    table.endFilling(filling);
  }
}

/** Throws if the snapshot is older than the log that this node has read: it may lack changes. */
async function checkPosition(client: Client, position: bigint): Promise<void> {
  const { rows } = await client.query<{ position: string }>('SELECT position FROM "LogHead" WHERE id = 1');
  if (BigInt(rows[0]?.position ?? -1) < position) throw new Error('the snapshot is older than the log of this node');
}

/**
 * Returns the statements that read the secrets. All secrets are read by ranges of keys, so that the first rows come at once
 * and the joins stay in memory.
 */
async function listStatements(
  client: Client,
  readAt: Date,
  capacity: number,
  rangeSize: number,
): Promise<readonly string[]> {
  const isFull = (await countSecrets(client, capacity)) > capacity;
  if (isFull) return [verifiableSecrets(readAt, { limit: capacity })];
  return (await listRanges(client, rangeSize)).map((range) => verifiableSecrets(readAt, range));
}

async function listRanges(client: Client, size: number): Promise<readonly KeyRange[]> {
  const sql = `SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM "Key") AS numbered
               WHERE number % $1 = 0 ORDER BY id`;
  const { rows } = await client.query<{ id: string }>(sql, [size]);
  const ends = rows.map(({ id }) => id);
  return [...ends, null].map((upTo, index) => ({ after: ends[index - 1] ?? null, upTo }));
}

/** Returns how many secrets there are, counted up to one more than the capacity. */
async function countSecrets(client: Client, capacity: number): Promise<number> {
  const sql = 'SELECT count(*)::int AS count FROM (SELECT 1 FROM "Secret" LIMIT $1) AS found';
  const { rows } = await client.query<{ count: number }>(sql, [capacity + 1]);
  return rows[0]?.count ?? 0;
}

async function readRealms(client: Client): Promise<ReadonlyMap<string, VerifiedRealm>> {
  const { rows } = await client.query<Omit<VerifiedRealm, 'actions'> & { readonly actions: readonly string[] }>(
    `SELECT r.id, r.slug, r."foldsCase", ARRAY(SELECT a.name FROM "Action" a WHERE a."realmId" = r.id) AS actions
     FROM "Realm" r`,
  );
  return new Map(rows.map((row) => [row.id, { ...row, actions: new Set(row.actions) }]));
}
