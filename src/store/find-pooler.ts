import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { RefusedServerError, type ServerFacts } from './server-facts.ts';

/** What is between a connection and its server. A pooler in transaction or statement mode does not keep sessions. */
export type Pooler = 'NONE' | 'SESSION' | 'TRANSACTION';

/** How often the probe is repeated: meanwhile the pooler may serve others, and give the two connections other sessions. */
const PROBE_COUNT = 5;

/** Throws a RefusedServerError if a pooler between a new connection and its server does not keep sessions. */
export async function checkPooler(client: Client, url: string, { processId }: ServerFacts): Promise<void> {
  if ((await findPooler(client, url, processId)) !== 'TRANSACTION') return;
  throw new RefusedServerError(
    'Database: found a connection pooler that gives one server session to several connections (transaction or statement ' +
      'mode); expected the server itself, or a pooler in session mode: see docs/guides/database.md.',
  );
}

/**
 * Finds out whether a pooler is between a connection and its server, and whether it keeps sessions.
 *
 * A server tells each connection the process id of its session; a pooler tells an id of its own. Behind a pooler, a
 * second connection is opened. If it ever is in the first one's session, or if the first one changes its session, the
 * pooler gives sessions to transactions or statements.
 */
async function findPooler(client: Client, url: string, session: number): Promise<Pooler> {
  const announced = (client as unknown as { readonly processID: number | null }).processID;
  if (announced === session) return 'NONE';
  const mark = randomBytes(8).toString('hex');
  await client.query(`SELECT set_config('keytide.session', $1, false)`, [mark]);
  const other = new Client({ connectionString: url });
  other.on('error', () => undefined);
  const isShared = ({ id, mark: found }: Session) => id === session || found === mark;
  const isLost = ({ id, mark: found }: Session) => id !== session || found !== mark;
  try {
    await other.connect();
    for (let count = 0; count < PROBE_COUNT; count += 1) {
      await other.query('BEGIN');
      if (isShared(await readSession(other)) || isLost(await readSession(client))) return 'TRANSACTION';
      await other.query('COMMIT');
      // A pooler that prefers the session that was used last gives the first connection that of the second one now.
      if (isLost(await readSession(client))) return 'TRANSACTION';
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

/** What a connection sees of its server's session. */
interface Session {
  readonly id: number;
  readonly mark: string | null;
}

async function readSession(client: Client): Promise<Session> {
  const { rows } = await client.query<Session>(
    `SELECT pg_backend_pid() AS id, current_setting('keytide.session', true) AS mark`,
  );
  const [session] = rows;
  if (session === undefined) throw new Error('The server returned no row.');
  return session;
}
