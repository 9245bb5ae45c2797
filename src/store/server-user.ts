import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Logger } from './logger.ts';
import { StoreError } from './store-error.ts';

/** The server's user if the gateway runs as root: PostgreSQL refuses to run as root. */
const SERVER_USER = 'postgres';

/** Search path with the programs for administrators, whatever PATH the gateway was started with. */
const SYSTEM_ENVIRONMENT = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` };

/** A user of the operating system. */
export interface ServerUser {
  readonly name: string;
  /** Ids for child processes; absent if the gateway already runs as this user. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/**
 * Returns the user that the server runs as: the user who runs the gateway. If that is root, the owner of the cluster;
 * without a cluster, `postgres`, which is created if necessary.
 *
 * Throws a StoreError if the user does not exist and cannot be created.
 */
export function findServerUser(clusterFolder: string, log: Logger): ServerUser {
  if (process.getuid?.() !== 0) return { name: currentUserName() };
  const owner = statSync(clusterFolder, { throwIfNoEntry: false })?.uid;
  if (owner === 0) {
    throw new StoreError(
      `${clusterFolder} belongs to root, and PostgreSQL does not run as root. Run: chown -R ${SERVER_USER} '${clusterFolder}'`,
    );
  }
  const user = readUser(String(owner ?? SERVER_USER)) ?? (owner === undefined ? addUser(log) : undefined);
  if (user !== undefined) return user;
  throw new StoreError(
    `${clusterFolder} belongs to user id ${owner}, which has no name on this system: change its owner to a named user.`,
  );
}

function currentUserName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new StoreError(
      `User id ${process.getuid?.()} has no name on this system, and PostgreSQL runs only as a named user. ` +
        'Add the user, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

/** Finds a user by name or number. getent reads all user databases of the system, not only /etc/passwd. */
function readUser(key: string): ServerUser | undefined {
  const { status, stdout } = spawnSync('getent', ['passwd', key], { encoding: 'utf8', env: SYSTEM_ENVIRONMENT });
  const [name, , uid, gid] = stdout?.split(':') ?? [];
  if (status !== 0 || name === undefined || uid === undefined || gid === undefined) return undefined;
  return { name, runAs: { uid: Number(uid), gid: Number(gid) } };
}

function addUser(log: Logger): ServerUser {
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
  const { stderr, error } = spawnSync('useradd', [...options, SERVER_USER], {
    encoding: 'utf8',
    env: SYSTEM_ENVIRONMENT,
  });
  const user = readUser(SERVER_USER);
  if (user === undefined) {
    throw new StoreError(
      `PostgreSQL does not run as root, and no user '${SERVER_USER}' could be added (${error?.message ?? stderr.trim()}). ` +
        'Run the gateway as another user, or set DATABASE_URL.',
    );
  }
  log.info(`added the system user '${SERVER_USER}', because PostgreSQL does not run as root`);
  return user;
}
