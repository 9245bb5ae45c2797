import { existsSync, mkdirSync, realpathSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { changeOwner, type Cluster, openCluster, runProgram } from './cluster.ts';
import { openDataFolder } from './data-folder.ts';
import { findLiveServer } from './live-server.ts';
import type { Logger } from './logger.ts';
import { findPostgresPrograms } from './postgres-programs.ts';
import { findServerUser } from './server-user.ts';
import { chooseSocketFolder, connectionStringFor, PORT } from './server-socket.ts';
import { ServerWatch } from './server-watch.ts';

/** Time limits for starting the server, which may include crash recovery, and for stopping it. In seconds. */
const START_LIMIT_S = 60;
const STOP_LIMIT_S = 15;

/** Server parameters that override its configuration file: reachable over its socket only, quiet, in UTC. */
const PARAMETERS = {
  listen_addresses: '',
  port: String(PORT),
  unix_socket_permissions: '0700',
  cluster_name: 'keytide',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The caller gets the error of a failed statement. The statement's text may hold user data and is not logged.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
};

/** A PostgreSQL server that this process manages: if the server ends by itself, it is started again. */
export interface EmbeddedPostgres {
  readonly connectionString: string;
  /** Whether the server was already running, left by a killed gateway. */
  readonly wasAdopted: boolean;
  /** Ends all connections, then the server, then releases the data folder. Idempotent. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The data folder; created if it does not exist. */
  readonly folder: string;
  /** Whether commits survive a power failure. Off in tests only. Default true. */
  readonly fsync?: boolean;
  /** Additional server parameters, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/**
 * Starts the embedded PostgreSQL on a data folder, or adopts the server that already runs there. The server listens on
 * a unix socket that only this user and root may use, and runs in its own session, so that Ctrl-C does not reach it.
 *
 * Throws a StoreError if another gateway uses the folder, if the cluster is of another major version, or if PostgreSQL
 * cannot run here.
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
    const liveFolder = await findLiveServer(cluster);
    if (liveFolder !== undefined) log.info('adopted the embedded PostgreSQL that a killed gateway left running');
    const durability = { fsync: fsync ? 'on' : 'off' };
    const all = { ...PARAMETERS, ...parameters, ...durability };
    const socketFolder = liveFolder ?? (await startServer(cluster, chooseSocketFolder(cluster), all));
    const connectionString = connectionStringFor(socketFolder);
    const watch = new ServerWatch({
      connectionString,
      start: async () => (await findLiveServer(cluster)) ?? (await startServer(cluster, socketFolder, all)),
      log,
    });
    await watch.begin();
    let stopping: Promise<void> | undefined;
    const stop = async () => {
      try {
        await watch.stop();
        await stopServer(cluster, socketFolder);
      } finally {
        dataFolder.release();
      }
    };
    return {
      connectionString,
      wasAdopted: liveFolder !== undefined,
      stop: () => (stopping ??= stop()),
    };
  } catch (error) {
    dataFolder.release();
    throw error;
  }
}

/**
 * Returns the connection string of the server that runs on a data folder; undefined if none runs. It is
 * for a reader that may come and go: it takes no lock, and the server may end at any time.
 */
export async function findRunningServer(folder: string, log: Logger): Promise<string | undefined> {
  if (!existsSync(join(folder, 'postgres'))) return undefined;
  const path = realpathSync(folder);
  const user = findServerUser(join(path, 'postgres'), log);
  const socketFolder = await findLiveServer(await openCluster(path, user, await findPostgresPrograms(user), true));
  return socketFolder === undefined ? undefined : connectionStringFor(socketFolder);
}

/** Starts the server and returns the folder of its socket once it accepts connections. */
async function startServer(
  cluster: Cluster,
  socketFolder: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  if (socketFolder !== cluster.folder) {
    // A program that tidies the system's temporary folder may have removed it.
    mkdirSync(socketFolder, { recursive: true, mode: 0o700 });
    changeOwner(cluster.user, socketFolder);
  }
  const directory = socketFolder === cluster.folder ? '.' : socketFolder;
  const options = Object.entries({ ...parameters, unix_socket_directories: directory });
  const commandLine = options.map(([name, value]) => `-c ${name}='${value}'`).join(' ');
  try {
    await runProgram(cluster, cluster.programs.pgCtl, ['start', '-w', '-t', String(START_LIMIT_S), '-o', commandLine]);
    return socketFolder;
  } catch (error) {
    // A gateway that was killed while it started a server may have left one that becomes ready only now.
    const liveFolder = await findLiveServer(cluster);
    if (liveFolder === undefined) throw error;
    return liveFolder;
  }
}

async function stopServer(cluster: Cluster, socketFolder: string): Promise<void> {
  if ((await findLiveServer(cluster)) === undefined) return;
  await runProgram(cluster, cluster.programs.pgCtl, ['stop', '-w', '-t', String(STOP_LIMIT_S), '-m', 'fast']);
  // The server has removed its socket, so the folder is empty; otherwise rmdir fails.
  if (socketFolder !== cluster.folder) rmdirSync(socketFolder);
}
