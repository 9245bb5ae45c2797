import { spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PROGRAM_ENVIRONMENT, type PostgresPrograms } from './postgres-programs.ts';
import type { ServerUser } from './server-user.ts';
import { StoreError } from './store-error.ts';

/** The database's superuser. It has no password: see ACCESS. */
export const DATABASE_USER = 'keytide';

/**
 * Access control (pg_hba.conf): accepts connections over the socket if the kernel reports that the peer is the user who
 * runs the gateway, or root (pg_ident.conf maps both). So no other local user gets in even where folder permissions are
 * loosened, no password has to be stored or can leak with a backup, and a connection costs no password hashing.
 */
const ACCESS = `local all ${DATABASE_USER} peer map=gateway\n`;

/** Maximum size of the log in bytes. Each start adds a few lines; a start that finds a larger log truncates it. */
const LOG_SIZE_MAX = 1_000_000;

/** A cluster: the data directory of a PostgreSQL server, and how the server is run. */
export interface Cluster {
  readonly folder: string;
  /** Output of the programs and the server, mainly errors. */
  readonly logFile: string;
  readonly user: ServerUser;
  readonly programs: PostgresPrograms;
}

/**
 * Opens the cluster in the data folder, or creates it: encoded in UTF-8, and sorted by code point whatever the system's
 * locale is. Creation is atomic: a process that is killed meanwhile leaves no cluster.
 *
 * Throws a StoreError if the cluster is of another major version of PostgreSQL, or if it cannot be created.
 */
export async function openCluster(
  dataFolder: string,
  user: ServerUser,
  programs: PostgresPrograms,
  isSynced: boolean,
): Promise<Cluster> {
  const cluster = { folder: join(dataFolder, 'postgres'), logFile: join(dataFolder, 'postgres.log'), user, programs };
  if (!existsSync(cluster.folder)) await createCluster(cluster, isSynced);
  const versionFile = join(cluster.folder, 'PG_VERSION');
  if (!existsSync(versionFile))
    throw new StoreError(`${cluster.folder} is not a PostgreSQL cluster: move it away, or restore it.`);
  const major = readFileSync(versionFile, 'utf8').trim();
  if (major === String(programs.major)) return cluster;
  throw new StoreError(
    `${cluster.folder}: found a cluster of PostgreSQL ${major}; this Keytide includes PostgreSQL ${programs.major}. ` +
      'To move the data, back it up with the Keytide that created it (keytide backup), and restore the file with this one ' +
      '(keytide restore) on an empty KEYTIDE_DATA_DIR with the same sealing key.',
  );
}

async function createCluster(cluster: Cluster, isSynced: boolean): Promise<void> {
  removeUnfinishedClusters(cluster);
  const folder = mkdtempSync(unfinishedPrefix(cluster));
  changeOwner(cluster.user, folder);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${DATABASE_USER}`, '--auth-local=peer', '--auth-host=reject'];
  const options = [...locale, ...access, '--no-instructions', ...(isSynced ? [] : ['--no-sync'])];
  const unfinished = { ...cluster, folder };
  await runProgram(unfinished, cluster.programs.initdb, options);
  const users = new Set(['root', cluster.user.name]);
  replaceClusterFile(unfinished, 'pg_hba.conf', ACCESS);
  replaceClusterFile(
    unfinished,
    'pg_ident.conf',
    [...users].map((name) => `gateway "${name}" ${DATABASE_USER}\n`).join(''),
  );
  renameSync(folder, cluster.folder);
  if (isSynced) syncFolder(dirname(folder));
}

/**
 * Removes the clusters that killed gateways left unfinished. A folder to which an initdb still writes stays, and a
 * later start removes it.
 */
function removeUnfinishedClusters(cluster: Cluster): void {
  const parent = dirname(cluster.folder);
  for (const name of readdirSync(parent).filter((name) => join(parent, name).startsWith(unfinishedPrefix(cluster)))) {
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // The leftover does no harm.
    }
  }
}

/** Returns the path prefix of clusters that are being created. */
function unfinishedPrefix({ folder }: Cluster): string {
  return `${folder}.new-`;
}

/** Syncs the entries of a folder. Before that, a power failure may undo a rename in it. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/**
 * Runs one of PostgreSQL's programs on the cluster, as the cluster's user, and waits until it exits.
 *
 * On systems with /proc, the program finds the cluster as its working directory, through a path that it can always
 * follow. So neither the program nor the server that it starts needs permission for the parent folders (a checkout in
 * /root), and no character of their names has to be quoted for a shell.
 *
 * Throws a StoreError with the last lines of its output if it fails.
 */
export async function runProgram(cluster: Cluster, program: string, options: readonly string[]): Promise<void> {
  const self = '/proc/self/cwd';
  const size = statSync(cluster.logFile, { throwIfNoEntry: false })?.size ?? 0;
  const log = openSync(cluster.logFile, size > LOG_SIZE_MAX ? 'w' : 'a', 0o600);
  try {
    const child = spawn(program, ['-D', existsSync(self) ? self : cluster.folder, ...options], {
      ...cluster.user.runAs,
      cwd: cluster.folder,
      env: PROGRAM_ENVIRONMENT,
      stdio: ['ignore', log, log],
      detached: true, // Ctrl-C must reach only the gateway, which may be waiting for this program
    });
    const failure = await new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(code === 0 ? undefined : `status ${code ?? signal}`));
    });
    if (failure === undefined) return;
    const tail = readFileSync(cluster.logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n  ');
    throw new StoreError(`PostgreSQL failed (${failure}). The last lines of ${cluster.logFile}:\n  ${tail}`);
  } finally {
    closeSync(log);
  }
}

/** Replaces a file of the cluster. Never follows a link of that name, because the folder belongs to another user. */
export function replaceClusterFile(cluster: Cluster, name: string, text: string): void {
  const path = join(cluster.folder, name);
  rmSync(path, { force: true });
  writeFileSync(path, text, { flag: 'wx', mode: 0o600, flush: true });
  changeOwner(cluster.user, path);
}

/** Gives a path to the server's user. Does nothing if the gateway runs as that user. */
export function changeOwner(user: ServerUser, path: string): void {
  if (user.runAs !== undefined) chownSync(path, user.runAs.uid, user.runAs.gid);
}
