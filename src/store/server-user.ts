import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Logger } from './logger.ts';
import { StoreError } from './store-error.ts';

/** Whom the server runs as when the gateway runs as root: PostgreSQL refuses to run as root. */
const SERVER_USER = 'postgres';

/** Where programs for administrators are, whatever the gateway was started with. */
const SYSTEM = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` };

/** An operating system's user. */
export interface ServerUser {
  readonly name: string;
  /** To become that user; absent when the gateway is that user already. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/**
 * The user that the server runs as: whoever runs the gateway; for root the owner of the cluster, and `postgres` when there
 * is no cluster yet. Makes the user `postgres` where there is none.
 *
 * Throws a StoreError where there is no such user and none can be made.
 */
export function findServerUser(clusterFolder: string, log: Logger): ServerUser {
  if (process.getuid?.() !== 0) return { name: ownName() };
  const owner = statSync(clusterFolder, { throwIfNoEntry: false })?.uid;
  if (owner === 0) {
    throw new StoreError(
      `${clusterFolder} belongs to root, who may not run PostgreSQL. Run: chown -R ${SERVER_USER} '${clusterFolder}'`,
    );
  }
  const user = readUser(String(owner ?? SERVER_USER)) ?? (owner === undefined ? addUser(log) : undefined);
  if (user !== undefined) return user;
  throw new StoreError(
    `${clusterFolder} belongs to user id ${owner}, which has no name here: give it to a user that has.`,
  );
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new StoreError(
      `The user id ${process.getuid?.()} has no name on this system, and PostgreSQL runs as a named user only. ` +
        'Add the user, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

/** By name or number. getent asks whatever the system keeps its users in, not only /etc/passwd. */
function readUser(key: string): ServerUser | undefined {
  const { status, stdout } = spawnSync('getent', ['passwd', key], { encoding: 'utf8', env: SYSTEM });
  const [name, , uid, gid] = stdout?.split(':') ?? [];
  if (status !== 0 || name === undefined || uid === undefined || gid === undefined) return undefined;
  return { name, runAs: { uid: Number(uid), gid: Number(gid) } };
}

function addUser(log: Logger): ServerUser {
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
  const { stderr, error } = spawnSync('useradd', [...options, SERVER_USER], { encoding: 'utf8', env: SYSTEM });
  const user = readUser(SERVER_USER);
  if (user === undefined) {
    throw new StoreError(
      `PostgreSQL does not run as root, and no user '${SERVER_USER}' could be added (${error?.message ?? stderr.trim()}). ` +
        'Run the gateway as another user, or set DATABASE_URL.',
    );
  }
  log.info(`Added the system user '${SERVER_USER}', because PostgreSQL does not run as root`);
  return user;
}
