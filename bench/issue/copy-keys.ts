import { randomBytes } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { newId, type IdKind } from '../../src/domain/id.ts';
import { copyIn, copyOut } from '../../src/store/copy.ts';
import { systemRandom } from '../../src/store/random.ts';

/** The tables that have rows of a new key, in an order that their foreign keys allow, and the column with the key's id. */
const tables = { Key: 'id', Secret: 'keyId', Label: 'keyId', Judgement: 'keyId', Event: 'keyId' } as const;

/** Rows in the text format of COPY, by table. */
type Batch = ReadonlyMap<string, Buffer>;

/** Copies the rows of some keys into the same tables, as other keys. */
export interface KeyCopier {
  /** Makes rows with other ids, digests and positions. */
  prepare(): Batch;
  /** Writes a batch in one transaction. */
  write(batch: Batch): Promise<void>;
}

/** Reads the rows of some keys. Events are copied to positions from `firstPosition` on, for which there must be a partition. */
export async function openKeyCopier(pool: Pool, keyIds: readonly string[], firstPosition: number): Promise<KeyCopier> {
  const columns = new Map<string, string>();
  const templates = new Map<string, string>();
  const client = await pool.connect();
  for (const [table, keyColumn] of Object.entries(tables)) {
    columns.set(table, await listColumns(client, table));
    const ids = keyIds.map((id) => `'${id}'`).join();
    const rows = `SELECT ${columns.get(table)} FROM "${table}" WHERE "${keyColumn}" IN (${ids}) ORDER BY "${keyColumn}"`;
    const pieces: Buffer[] = [];
    for await (const piece of copyOut(client, `COPY (${rows}) TO STDOUT`)) pieces.push(Buffer.from(piece));
    templates.set(table, Buffer.concat(pieces).toString());
  }
  client.release();
  let position = firstPosition;

  return {
    prepare() {
      const now = new Date();
      const ids = new Map<string, string>();
      const renew = (id: string, kind: string) => {
        const known = ids.get(id) ?? newId(kind as IdKind, now, systemRandom);
        ids.set(id, known);
        return known;
      };
      const change = (table: string, text: string) => {
        const renamed = text.replaceAll(/\b(key|secret|event)_[0-9a-z]{26}\b/g, renew);
        if (table === 'Event') return renamed.replaceAll(/^\d+/gm, () => String((position += 1)));
        return table === 'Secret'
          ? renamed.replaceAll(/\\\\x[0-9a-f]{64}/g, () => `\\\\x${randomBytes(32).toString('hex')}`)
          : renamed;
      };
      return new Map([...templates].map(([table, text]) => [table, Buffer.from(change(table, text))]));
    },
    async write(batch) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        for (const [table, rows] of batch) {
          await copyIn(client, `COPY "${table}" (${columns.get(table)}) FROM STDIN`, once(rows));
        }
        await client.query('COMMIT');
      } finally {
        client.release();
      }
    },
  };
}

/** Returns the columns of a table as a list for SQL. The position of an event comes first. */
async function listColumns(client: PoolClient, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = '"${table}"'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname <> 'position', attnum`,
  );
  return rows.map(({ name }) => `"${name}"`).join();
}

async function* once(rows: Buffer): AsyncGenerator<Buffer> {
  yield rows;
}
