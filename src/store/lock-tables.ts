import { setTimeout } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Logger } from './logger.ts';

/**
 * How long an attempt may hold some of the locks while it waits for others, in ms. A transaction that waits for one of
 * them, and holds one that is waited for, would be ended by PostgreSQL after deadlock_timeout (1 s by default).
 */
const ATTEMPT_MS = 400;

/** The largest part of deadlock_timeout that an attempt may take, where an operator has lowered it. */
const DEADLOCK_SHARE = 0.4;

/** Between two attempts: other transactions go on, in ms. */
const PAUSE_MS = 800;

/** The code of PostgreSQL’s error for a lock that was not to be had in time (lock_timeout). */
const LOCK_NOT_AVAILABLE = '55P03';

/** After how long a waiting node logs that it waits, in ms. */
const WARNING_MS = 5_000;

/**
 * Begins a transaction that has exclusive locks on all existing tables that scripts may touch (`findTables`). With the locks taken one by one, by each statement, a migration and a running transaction of
 * another node would deadlock, and the other node would fail. If the locks are not to be had at once, the transaction
 * gives way and tries again, so requests wait for less than a second, however long another transaction runs.
 */
export async function beginWithLocks(database: Client, scripts: readonly string[], log: Logger): Promise<void> {
  const names = await findTables(database, scripts);
  const { rows } = await database.query<{ ms: number }>(
    `SELECT setting::int AS ms FROM pg_settings WHERE name = 'deadlock_timeout'`,
  );
  const attemptMs = Math.min(ATTEMPT_MS, (rows[0]?.ms ?? ATTEMPT_MS) * DEADLOCK_SHARE);
  const beganAtMs = performance.now();
  let hasWarned = false;
  while (!(await tryToLock(database, names, attemptMs))) {
    if (!hasWarned && performance.now() - beganAtMs > WARNING_MS) {
      log.warn('waiting for a transaction that uses the tables to migrate');
      hasWarned = true;
    }
    await setTimeout(PAUSE_MS);
  }
}

/**
 * Returns the names of the existing tables that scripts may touch, in their order: those whose names occur in the scripts, or
 * the names of whose indexes do. DROP INDEX locks a table that it does not name.
 */
export async function findTables(database: Pick<Client, 'query'>, scripts: readonly string[]): Promise<string[]> {
  const words = [...new Set(scripts.flatMap((script) => script.match(/\w+/g) ?? []))];
  const { rows } = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class t JOIN pg_namespace schema ON schema.oid = relnamespace
     WHERE schema.nspname = current_schema() AND relkind IN ('r', 'p') AND NOT relispartition
       AND (relname = ANY($1) OR EXISTS (
         SELECT FROM pg_index JOIN pg_class i ON i.oid = indexrelid WHERE indrelid = t.oid AND i.relname = ANY($1)))
     ORDER BY relname`,
    [words],
  );
  return rows.map(({ name }) => name);
}

/** Begins a transaction and takes the locks; undoes both and returns false if they are not to be had in time. */
async function tryToLock(database: Client, names: readonly string[], attemptMs: number): Promise<boolean> {
  await database.query('BEGIN');
  const beganAtMs = performance.now();
  try {
    for (const name of names) {
      // 0 would lift the limit.
      const restMs = Math.max(1, Math.floor(attemptMs - (performance.now() - beganAtMs)));
      await database.query(`SET LOCAL lock_timeout = ${restMs}`);
      await database.query(`LOCK TABLE ${database.escapeIdentifier(name)} IN ACCESS EXCLUSIVE MODE`);
    }
    await database.query('SET LOCAL lock_timeout = 0');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
    await database.query('ROLLBACK');
    return false;
  }
}
