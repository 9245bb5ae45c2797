import type { ClientBase } from 'pg';
import { StoreError } from './store-error.ts';

/** Where a database is in its history. */
export interface DatabaseHistory {
  /** The position of the newest event. */
  readonly head: bigint;
  /** The position of the oldest retained event. */
  readonly oldest: bigint;
  /** The histories that it belonged to, the present one first. */
  readonly lineages: readonly Lineage[];
}

export interface Lineage {
  readonly id: string;
  /** The history whose journal was replayed, and up to where. */
  readonly parentId: string | null;
  readonly replayedTo: bigint | null;
}

/** Reads where the database is in its history. */
export async function readDatabaseHistory(client: Pick<ClientBase, 'query'>): Promise<DatabaseHistory> {
  const { rows } = await client.query<{
    head: string;
    oldest: string;
    lineages: { id: string; parentId: string | null; replayedTo: string | null }[];
  }>(
    `SELECT position AS head, oldest,
       (SELECT coalesce(json_agg(json_build_object('id', id, 'parentId', "parentId", 'replayedTo', "replayedTo"::text)
                                 ORDER BY "beganAt" DESC, id), '[]')
        FROM "Lineage") AS lineages
     FROM "LogHead" WHERE id = 1`,
  );
  const [row] = rows;
  if (row === undefined) throw new StoreError('Database: the table LogHead has no row: restore the database.');
  const lineages = row.lineages.map(({ id, parentId, replayedTo }) => ({
    id,
    parentId,
    replayedTo: replayedTo === null ? null : BigInt(replayedTo),
  }));
  return { head: BigInt(row.head), oldest: BigInt(row.oldest), lineages };
}

/** Returns which of these positions the log has, with the ids of their events. */
export async function readEventIds(
  client: Pick<ClientBase, 'query'>,
  positions: readonly bigint[],
): Promise<ReadonlyMap<bigint, string>> {
  const { rows } = await client.query<{ position: string; id: string }>(
    'SELECT position, id FROM "Event" WHERE position = ANY($1::bigint[])',
    [positions.map(String)],
  );
  return new Map(rows.map(({ position, id }) => [BigInt(position), id]));
}

/** Returns the last position that the log has, or had before it was dropped, up to a position. */
export async function readLastPosition(client: Pick<ClientBase, 'query'>, upTo: bigint): Promise<bigint> {
  const { rows } = await client.query<{ position: string }>(
    `SELECT greatest((SELECT max(position) FROM "Event" WHERE position <= $1), oldest - 1) AS position FROM "LogHead"`,
    [String(upTo)],
  );
  return BigInt(rows[0]?.position ?? 0);
}
