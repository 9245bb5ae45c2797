import { chownSync, cpSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded.ts';
import { dataFolder, silent } from './embedded-process.ts';

const parameters = { max_connections: '60', shared_buffers: '32MB', autovacuum: 'off' };

/** A PostgreSQL of a test's own, on a folder that another one can be copied from. */
export interface OwnServer extends EmbeddedPostgres {
  readonly folder: string;
}

/** Starts a server on a folder; it ends with the test. */
export async function startServer(folder = dataFolder()): Promise<OwnServer> {
  const server = await startEmbedded({ folder, fsync: false, parameters, log: silent });
  onTestFinished(() => server.stop());
  return { ...server, folder };
}

/** Runs statements on a server and returns the rows of the last one. */
export async function runSql(connectionString: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = createPgClient(connectionString);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/**
 * Makes a hot standby of a running server, by a base backup. Replay is paused: from now on the standby learns nothing of
 * what the primary does.
 */
export async function startStandby(primary: OwnServer): Promise<OwnServer> {
  const folder = dataFolder();
  const [from, to] = [join(primary.folder, 'postgres'), join(folder, 'postgres')];
  const client = createPgClient(primary.connectionString);
  await client.connect();
  let label: string;
  try {
    await client.query(`SELECT pg_backup_start('test', true)`);
    copyCluster(from, to);
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    label = rows[0]?.labelfile ?? '';
  } finally {
    await client.end();
  }
  // The WAL of the backup itself, which the standby needs to become consistent.
  cpSync(join(from, 'pg_wal'), join(to, 'pg_wal'), { recursive: true });
  writeFileSync(join(to, 'backup_label'), label);
  writeFileSync(join(to, 'standby.signal'), '');
  giveToOwnerOf(to, from);
  const standby = await startServer(folder);
  await runSql(standby.connectionString, 'SELECT pg_wal_replay_pause()');
  return standby;
}

/** Promotes a standby, and comes back when it takes writes. */
export async function promote({ connectionString }: OwnServer): Promise<void> {
  await runSql(connectionString, 'SELECT pg_promote(true)', 'CHECKPOINT');
}

/** Copies a running cluster. Files that vanish meanwhile are not missed: the WAL has what they held. */
function copyCluster(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => existsSync(path) && !/\/(postmaster\.(pid|opts)|\.s\.PGSQL.*)$/.test(path),
  });
}

function giveToOwnerOf(folder: string, like: string): void {
  const { uid, gid } = statSync(like);
  for (const entry of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    chownSync(join(folder, entry), uid, gid);
}
