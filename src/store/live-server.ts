import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import { type Cluster, replaceClusterFile } from './cluster.ts';
import { createPgClient } from './connection.ts';
import { connectionStringFor, isSocketFolder, SOCKET_FILE } from './server-socket.ts';
import { StoreError } from './store-error.ts';

/** The server's own record of itself: https://www.postgresql.org/docs/18/storage-file-layout.html */
const RECORD_FILE = 'postmaster.pid';

/** More than any process id: Linux has 22 bits at most (PID_MAX_LIMIT), others fewer. */
const NO_PROCESS = 2 ** 22 + 1;

/** cannot_connect_now: it is starting, recovering or shutting down. */
const CANNOT_CONNECT_NOW = '57P03';

const POLL_MS = 20;
/** A server that has just been started has its record for a moment before it listens. */
const LISTEN_LIMIT_MS = 1_000;
const READY_LIMIT_MS = 60_000;

/**
 * The folder of the socket of the server that runs on the cluster, once it takes connections; undefined when none runs.
 *
 * What decides is whether one answers on the socket. The process id in its record decides nothing: after a restart of the
 * machine or container it may be any process's.
 */
export async function findLiveServer(cluster: Cluster): Promise<string | undefined> {
  const begunAt = performance.now();
  for (;;) {
    const record = readRecord(cluster);
    if (record === undefined) return undefined;
    const isOurs = isSocketFolder(cluster, record.socketFolder);
    const answer = isOurs ? await probe(connectionStringFor(record.socketFolder)) : 'nobody';
    if (answer === 'ready') return record.socketFolder;
    const waitedMs = performance.now() - begunAt;
    if (answer === 'nobody' && (waitedMs > LISTEN_LIMIT_MS || !mayBePostgres(record.processId))) {
      invalidateRecord(cluster, record.lines);
      return undefined;
    }
    if (waitedMs > READY_LIMIT_MS) {
      throw new StoreError(
        `The PostgreSQL that runs on ${cluster.folder} (process ${record.processId}) has taken no connection for a minute: ` +
          `look into ${cluster.logFile}.`,
      );
    }
    await pause(POLL_MS);
  }
}

/**
 * PostgreSQL would take any living process with the id in a stale record for its server, and refuse to start. The record
 * is given an id that is nobody's; it is not removed, because by the rest of it PostgreSQL finds out whether a part of the
 * old server still writes to the cluster. The socket's own lock has nothing but such an id.
 */
function invalidateRecord(cluster: Cluster, lines: readonly string[]): void {
  replaceClusterFile(cluster, RECORD_FILE, [NO_PROCESS, ...lines.slice(1)].join('\n'));
  rmSync(join(cluster.folder, `${SOCKET_FILE}.lock`), { force: true });
}

/** Lines of the record: process id, data folder, start time, port, socket folder, … undefined when no server has left one. */
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

async function probe(connectionString: string): Promise<'ready' | 'starting' | 'nobody'> {
  const client = createPgClient(connectionString);
  try {
    await client.connect();
    return 'ready';
  } catch (error) {
    if (error instanceof DatabaseError && error.code === CANNOT_CONNECT_NOW) return 'starting';
    const isRefused =
      error instanceof DatabaseError || (error instanceof Error && 'code' in error && error.code === 'EACCES');
    if (isRefused) throw error;
    return 'nobody'; // no socket, none behind it, or one that is just going away
  } finally {
    await client.end();
  }
}

/** Whether the process runs PostgreSQL, as far as the system says. */
function mayBePostgres(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return /\/postgres( \(deleted\))?$/.test(readlinkSync(`/proc/${processId}/exe`));
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH' && process.platform !== 'linux';
  }
}
