import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { inject, onTestFinished, TestRunner } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';

/** The code of PostgreSQL’s error for a database that has sessions. */
const IN_USE = '55006';

/** A connection string to a new, migrated database of the caller's own. It goes with the run's cluster. */
export function freshDatabase(): Promise<string> {
  return createDatabase(`TEMPLATE ${inject('cluster').templates.migrated} STRATEGY FILE_COPY`);
}

/** The same on which the first node has started. */
export function startedDatabase(): Promise<string> {
  return createDatabase(`TEMPLATE ${inject('cluster').templates.started} STRATEGY FILE_COPY`);
}

/** The same to a new database with nothing in it. */
export function emptyDatabase(): Promise<string> {
  return createDatabase('');
}

async function createDatabase(options: string): Promise<string> {
  const { connectionString } = inject('cluster');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(`CREATE DATABASE ${name} ${options}`);
  // What all the tests of a run leave is 10 GB and more, which costs a minute to write to the disk and to remove.
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => dropUnlessInUse(name));
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}

async function dropUnlessInUse(name: string): Promise<void> {
  try {
    await administer(`DROP DATABASE IF EXISTS ${name}`);
  } catch (error) {
    if ((error as { code?: string }).code !== IN_USE) throw error;
  }
}

let administering: Promise<unknown> = Promise.resolve();
let administrator: Client | null = null;

/** Runs a statement on the run's server, after those before it. All tests of a process share one session: a new one costs more than most tests. */
function administer(statement: string): Promise<unknown> {
  const run = administering.then(async () => {
    administrator ??= await openAdministrator();
    return administrator.query(statement);
  });
  administering = run.catch(() => undefined);
  return run;
}

async function openAdministrator(): Promise<Client> {
  const client = createPgClient(inject('cluster').connectionString);
  client.once('error', () => (administrator = null)).once('end', () => (administrator = null));
  await client.connect();
  return client;
}
