import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import { type Cluster, replaceClusterFile } from './cluster.ts';
import { createPgClient } from './connection.ts';
import { connectionStringFor, isSocketFolder, SOCKET_FILE } from './server-socket.ts';
import { StoreError } from './store-error.ts';

/**
 * The lock file in which a running server records itself: https://www.postgresql.org/docs/18/storage-file-layout.html
 */
const RECORD_FILE = 'postmaster.pid';

/** Greater than any process id: Linux uses at most 22 bits (PID_MAX_LIMIT), other systems fewer. */
const NO_PROCESS = 2 ** 22 + 1;

/** cannot_connect_now: the server is starting, recovering or shutting down. */
const CANNOT_CONNECT_NOW = '57P03';

const POLL_MS = 20;
/** A starting server writes its record a moment before it listens. */
const LISTEN_LIMIT_MS = 1_000;
const READY_LIMIT_MS = 60_000;

/**
 * Returns the socket folder of the server that runs on the cluster, once it accepts connections; undefined if none
 * runs.
 *
 * Only a response on the socket counts. The process id in the record proves nothing: after a restart of the machine or
 * container it may belong to any process.
 */
export async function findLiveServer(cluster: Cluster): Promise<string | undefined> {
  const startedAt = performance.now();
  for (;;) {
    const record = readRecord(cluster);
    if (record === undefined) return undefined;
    const isOurs = isSocketFolder(cluster, record.socketFolder);
    const status = isOurs ? await probe(connectionStringFor(record.socketFolder)) : 'absent';
    if (status === 'ready') return record.socketFolder;
    const waitedMs = performance.now() - startedAt;
    if (status === 'absent' && (waitedMs > LISTEN_LIMIT_MS || !mayBePostgres(record.processId))) {
      invalidateRecord(cluster, record.lines);
      return undefined;
    }
    if (waitedMs > READY_LIMIT_MS) {
      throw new StoreError(
        `The PostgreSQL on ${cluster.folder} (process ${record.processId}) has accepted no connection for a minute: ` +
          `see ${cluster.logFile}.`,
      );
    }
    await pause(POLL_MS);
  }
}

/**
 * Replaces the process id in a stale record by an impossible id: PostgreSQL takes any living process with the recorded
 * id for its server, and refuses to start. The record is not removed, because from the rest of it PostgreSQL finds out
 * whether a process of the old server still writes to the cluster. The socket's lock file holds only such an id and is
 * removed.
 */
function invalidateRecord(cluster: Cluster, lines: readonly string[]): void {
  replaceClusterFile(cluster, RECORD_FILE, [NO_PROCESS, ...lines.slice(1)].join('\n'));
  rmSync(join(cluster.folder, `${SOCKET_FILE}.lock`), { force: true });
}

/**
 * Reads the record: process id, data folder, start time, port, socket folder, …, a line each. Undefined if there is
 * none.
 */
function readRecord(cluster: Cluster): { lines: string[]; processId: number; socketFolder: string } | undefined {
  try {
    const lines = readFileSync(join(cluster.folder, RECORD_FILE), 'utf8').split('\n');
    const directory = lines[4] || '.';
    return { lines, processId: Number(lines[0]), socketFolder: directory === '.' ? cluster.folder : directory };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function probe(connectionString: string): Promise<'ready' | 'starting' | 'absent'> {
  const client = createPgClient(connectionString);
  try {
    await client.connect();
    return 'ready';
  } catch (error) {
    if (error instanceof DatabaseError && error.code === CANNOT_CONNECT_NOW) return 'starting';
    const isRefused =
      error instanceof DatabaseError || (error instanceof Error && 'code' in error && error.code === 'EACCES');
    if (isRefused) throw error;
    return 'absent'; // no socket, no server behind it, or a server that is shutting down
  } finally {
    await client.end();
  }
}

/** Returns whether the process may be PostgreSQL, as far as the system tells. */
function mayBePostgres(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return /\/postgres( \(deleted\))?$/.test(readlinkSync(`/proc/${processId}/exe`));
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH' && process.platform !== 'linux';
  }
}
