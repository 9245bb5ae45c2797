import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';

/** A connection string to a new, migrated database of the caller's own. It goes with the run's cluster. */
export function freshDatabase(): Promise<string> {
  return createDatabase(`TEMPLATE ${inject('cluster').templates.migrated}`);
}

/** The same on which the first node has started. */
export function startedDatabase(): Promise<string> {
  return createDatabase(`TEMPLATE ${inject('cluster').templates.started}`);
}

/** The same to a new database with nothing in it. */
export function emptyDatabase(): Promise<string> {
  return createDatabase('');
}

async function createDatabase(options: string): Promise<string> {
  const { connectionString } = inject('cluster');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = createPgClient(connectionString);
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name} ${options}`);
  } finally {
    await client.end();
  }
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}
