import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';

/** What is between a connection and its server. A pooler in transaction or statement mode does not keep sessions. */
export type Pooler = 'NONE' | 'SESSION' | 'TRANSACTION';

/** How often the probe is repeated: meanwhile the pooler may serve others, and give the two connections other sessions. */
const PROBE_COUNT = 5;

/**
 * Finds out whether a pooler is between a connection and its server, and whether it keeps sessions.
 *
 * A server tells each connection the process id of its session; a pooler tells an id of its own. Behind a pooler, a
 * second connection is opened. If it ever is in the first one's session, or if the first one changes its session, the
 * pooler gives sessions to transactions or statements.
 */
export async function findPooler(client: Client, open: () => Client): Promise<Pooler> {
  const announced = (client as unknown as { readonly processID: number | null }).processID;
  const session = await readProcessId(client);
  if (announced === session) return 'NONE';
  const mark = randomBytes(8).toString('hex');
  await client.query(`SELECT set_config('keytide.session', $1, false)`, [mark]);
  const other = open();
  other.on('error', () => undefined);
  try {
    await other.connect();
    for (let count = 0; count < PROBE_COUNT; count += 1) {
      await other.query('BEGIN');
      const isShared = (await readMark(other)) === mark || (await readProcessId(other)) === session;
      const isLost = (await readMark(client)) !== mark || (await readProcessId(client)) !== session;
      await other.query('COMMIT');
      if (isShared || isLost) return 'TRANSACTION';
    }
    return 'SESSION';
  } catch (error) {
    // Statement mode refuses transactions.
    if (error instanceof Error && /statement pooling/.test(error.message)) return 'TRANSACTION';
    throw error;
  } finally {
    await other.end().catch(() => undefined);
  }
}

async function readProcessId(client: Client): Promise<number | undefined> {
  return (await client.query<{ id: number }>('SELECT pg_backend_pid() AS id')).rows[0]?.id;
}

async function readMark(client: Client): Promise<string | null | undefined> {
  const { rows } = await client.query<{ mark: string | null }>(
    `SELECT current_setting('keytide.session', true) AS mark`,
  );
  return rows[0]?.mark;
}
