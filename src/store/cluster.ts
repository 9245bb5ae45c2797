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

/** The database's superuser. No password: see ACCESS. */
export const DATABASE_USER = 'keytide';

/**
 * Who gets in (pg_hba.conf): whoever connects by the socket, when the kernel says that it is the user who runs the gateway
 * or root (pg_ident.conf maps them). So no other local user gets in even where folder permissions are loosened, there
 * is no password to keep, lose or find in a backup, and a connection costs no password hashing.
 */
const ACCESS = `local all ${DATABASE_USER} peer map=gateway\n`;

/** The log grows by a few lines a start; past this many bytes a start begins it anew. */
const LOG_SIZE = 1_000_000;

/** A cluster: the folder that a PostgreSQL server runs on, and what it is run with. */
export interface Cluster {
  readonly folder: string;
  /** What the programs and the server write, errors above all. */
  readonly logFile: string;
  readonly user: ServerUser;
  readonly programs: PostgresPrograms;
}

/**
 * The cluster in the data folder, made when there is none: encoded in UTF-8, compared by code point whatever the system's
 * locale is. It appears whole: a process that is killed while it makes one leaves none.
 *
 * Throws a StoreError when there is a cluster of another major version of PostgreSQL, or none can be made.
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
  if (!existsSync(versionFile)) throw new StoreError(`${cluster.folder} is no database: move it away, or restore it.`);
  const major = readFileSync(versionFile, 'utf8').trim();
  if (major === String(programs.major)) return cluster;
  throw new StoreError(
    `${cluster.folder} was made by PostgreSQL ${major}, and this Keytide brings PostgreSQL ${programs.major}. ` +
      'Move the data: start the Keytide that made it, dump its database with pg_dump, start this one on an empty ' +
      'KEYTIDE_DATA_DIR with the same sealing key, and restore the dump into it with psql.',
  );
}

async function createCluster(cluster: Cluster, isSynced: boolean): Promise<void> {
  removeUnfinishedClusters(cluster);
  const folder = mkdtempSync(unfinishedPrefix(cluster));
  changeOwner(cluster.user, folder);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${DATABASE_USER}`, '--auth-local=peer', '--auth-host=reject'];
  const options = [...locale, ...access, '--no-instructions', ...(isSynced ? [] : ['--no-sync'])];
  const unmade = { ...cluster, folder };
  await runProgram(unmade, cluster.programs.initdb, options);
  const names = new Set(['root', cluster.user.name]);
  replaceClusterFile(unmade, 'pg_hba.conf', ACCESS);
  replaceClusterFile(
    unmade,
    'pg_ident.conf',
    [...names].map((name) => `gateway "${name}" ${DATABASE_USER}\n`).join(''),
  );
  renameSync(folder, cluster.folder);
  if (isSynced) syncFolder(dirname(folder));
}

/** What a gateway that was killed left. Its initdb may still write there: then it stays for the next first start to remove. */
function removeUnfinishedClusters(cluster: Cluster): void {
  const parent = dirname(cluster.folder);
  for (const name of readdirSync(parent).filter((name) => join(parent, name).startsWith(unfinishedPrefix(cluster)))) {
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // It is in nobody's way.
    }
  }
}

/** How the name begins of a cluster that is being made. */
function unfinishedPrefix({ folder }: Cluster): string {
  return `${folder}.new-`;
}

/** Until then a power cut may bring back what a folder held before. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/**
 * Runs one of PostgreSQL's programs on the cluster, as its user, to the end.
 *
 * Where the system has /proc the program knows its cluster as its working folder, by a name that it may always follow: so
 * neither it nor the server that it starts needs leave to pass the folders above (a checkout in /root), and no
 * character of their names has to be quoted for a shell.
 *
 * Throws a StoreError with the end of what it wrote when it fails.
 */
export async function runProgram(cluster: Cluster, program: string, options: readonly string[]): Promise<void> {
  const self = '/proc/self/cwd';
  const size = statSync(cluster.logFile, { throwIfNoEntry: false })?.size ?? 0;
  const log = openSync(cluster.logFile, size > LOG_SIZE ? 'w' : 'a', 0o600);
  try {
    const child = spawn(program, ['-D', existsSync(self) ? self : cluster.folder, ...options], {
      ...cluster.user.runAs,
      cwd: cluster.folder,
      env: PROGRAM_ENVIRONMENT,
      stdio: ['ignore', log, log],
      detached: true, // Ctrl-C is for the gateway, which may be waiting for this
    });
    const failure = await new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(code === 0 ? undefined : `status ${code ?? signal}`));
    });
    if (failure === undefined) return;
    const tail = readFileSync(cluster.logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n  ');
    throw new StoreError(`PostgreSQL failed (${failure}); the end of ${cluster.logFile} is:\n  ${tail}`);
  } finally {
    closeSync(log);
  }
}

/** Writes a file of the cluster anew. What stands under its name is never followed: the folder is another user's. */
export function replaceClusterFile(cluster: Cluster, name: string, text: string): void {
  const path = join(cluster.folder, name);
  rmSync(path, { force: true });
  writeFileSync(path, text, { flag: 'wx', mode: 0o600, flush: true });
  changeOwner(cluster.user, path);
}

/** Does nothing when the gateway is that user already. */
export function changeOwner(user: ServerUser, path: string): void {
  if (user.runAs !== undefined) chownSync(path, user.runAs.uid, user.runAs.gid);
}
