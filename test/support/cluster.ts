import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createPgClient } from '../../src/store/connection.ts';
import { openDataFolder } from '../../src/store/data-folder.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { DATA_FOLDER, stopLeftover } from './embedded-process.ts';
import { startFirstNode } from './first-node.ts';

/** Who has just made a folder has it for a moment before its lock. */
const NEW_FOR_MS = 60_000;

/** The databases that those of tests are copies of: a migrated one, and one on which a node has started. */
const templates = { migrated: 'keytide_migrated', started: 'keytide_started' } as const;

const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's server: a connection to its own database, and the names of the templates. */
    readonly cluster: { readonly connectionString: string; readonly templates: typeof templates };
  }
}

/** Starts one cluster for the whole run. Returns what ends it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), DATA_FOLDER));
  const parameters = { max_connections: '300', shared_buffers: '64MB', autovacuum: 'off' };
  const embedded = await startEmbedded({ folder, fsync: false, parameters, log });
  const end = async () => {
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await makeTemplates(embedded.connectionString);
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('cluster', { connectionString: embedded.connectionString, templates });
  return end;
}

async function makeTemplates(connectionString: string): Promise<void> {
  const of = (database: string) => Object.assign(new URL(connectionString), { pathname: `/${database}` }).href;
  const client = createPgClient(connectionString);
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${templates.migrated}`);
    await migrate(of(templates.migrated), { log });
    await client.query(`CREATE DATABASE ${templates.started} TEMPLATE ${templates.migrated}`);
    await startFirstNode(of(templates.started));
  } finally {
    await client.end();
  }
}

/** What runs left that were killed: nobody holds the lock of their folder, and their server may still be there. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(DATA_FOLDER))) {
    const folder = join(tmpdir(), name);
    const madeAt = statSync(folder, { throwIfNoEntry: false })?.birthtimeMs ?? Infinity;
    if (Date.now() - madeAt < NEW_FOR_MS) continue;
    try {
      openDataFolder(folder).release();
      await stopLeftover(folder);
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      // Another run has it, or another user, or has removed it meanwhile.
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!(error instanceof StoreError) && !isGone) throw error;
    }
  }
}
