import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, openCluster, runProgram } from './cluster.ts';
import { openDataFolder } from './data-folder.ts';
import { findLiveServer } from './live-server.ts';
import type { Logger } from './logger.ts';
import { findPostgresPrograms } from './postgres-programs.ts';
import { findServerUser } from './server-user.ts';
import { chooseSocketFolder, connectionStringFor, PORT } from './server-socket.ts';

/** How long a server may take to start (it may have to recover) and to stop. In seconds. */
const START_LIMIT_S = 60;
const STOP_LIMIT_S = 15;

/** What always holds for the server, over its own configuration file: reachable by its socket only, quiet, in UTC. */
const PARAMETERS = {
  listen_addresses: '',
  port: String(PORT),
  unix_socket_permissions: '0700',
  cluster_name: 'keytide',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Of statements that fail the caller is told; their text, with what people sent, stays out of the log.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
};

/** A PostgreSQL server that this process looks after. */
export interface EmbeddedPostgres {
  readonly connectionString: string;
  /** Whether it ran already, left by a gateway that was killed. */
  readonly wasAdopted: boolean;
  /** Ends all connections, then the server, then lets another gateway have the folder. Stopping twice is harmless. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The data folder; made when there is none. */
  readonly folder: string;
  /** Whether what is committed survives a power cut: off for tests alone. Default true. */
  readonly fsync?: boolean;
  /** Further parameters of the server, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/**
 * Starts the embedded PostgreSQL on a folder, or takes over the one that runs there. It listens on a unix socket that
 * none but this user and root may use, and runs in a session of its own, so that Ctrl-C does not reach it.
 *
 * Throws a StoreError: when another gateway has the folder, when the cluster is of another major version, and when
 * PostgreSQL cannot run here.
 */
export async function startEmbedded({
  folder,
  fsync = true,
  parameters = {},
  log,
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataFolder = openDataFolder(folder);
  try {
    const user = findServerUser(join(dataFolder.path, 'postgres'), log);
    const cluster = await openCluster(dataFolder.path, user, await findPostgresPrograms(user), fsync);
    const live = await findLiveServer(cluster);
    if (live !== undefined)
      log.info('Took over the embedded PostgreSQL that a gateway which was killed had left running');
    const durability = { fsync: fsync ? 'on' : 'off' };
    const socketFolder = live ?? (await startServer(cluster, { ...PARAMETERS, ...parameters, ...durability }));
    let stopped: Promise<void> | undefined;
    const stop = () => stopServer(cluster, socketFolder).finally(() => dataFolder.release());
    return {
      connectionString: connectionStringFor(socketFolder),
      wasAdopted: live !== undefined,
      stop: () => (stopped ??= stop()),
    };
  } catch (error) {
    dataFolder.release();
    throw error;
  }
}

/** Returns the folder of the server's socket, once it takes connections. */
async function startServer(cluster: Cluster, parameters: Readonly<Record<string, string>>): Promise<string> {
  const socketFolder = chooseSocketFolder(cluster);
  const directory = socketFolder === cluster.folder ? '.' : socketFolder;
  const options = Object.entries({ ...parameters, unix_socket_directories: directory });
  const line = options.map(([name, value]) => `-c ${name}='${value}'`).join(' ');
  try {
    await runProgram(cluster, cluster.programs.pgCtl, ['start', '-w', '-t', String(START_LIMIT_S), '-o', line]);
    return socketFolder;
  } catch (error) {
    // A gateway that was killed while it started one may have left a server that comes up only now.
    const live = await findLiveServer(cluster);
    if (live === undefined) throw error;
    return live;
  }
}

async function stopServer(cluster: Cluster, socketFolder: string): Promise<void> {
  if ((await findLiveServer(cluster)) === undefined) return;
  await runProgram(cluster, cluster.programs.pgCtl, ['stop', '-w', '-t', String(STOP_LIMIT_S), '-m', 'fast']);
  // The server took its socket with it, so the folder is empty; were it not, rmdir would refuse.
  if (socketFolder !== cluster.folder) rmdirSync(socketFolder);
}
