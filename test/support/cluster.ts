import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openClient } from '../../src/store/connection.ts';
import { openDataFolder } from '../../src/store/data-folder.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { DATA_FOLDER, stopLeftover } from './embedded-process.ts';

/** Who has just made a folder has it for a moment before its lock. */
const NEW_FOR_MS = 60_000;

/** The migrated database that the databases of tests are copies of. */
const TEMPLATE = 'keytide_template';

const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's server: a connection to its own database, and the name of the template. */
    readonly cluster: { readonly connectionString: string; readonly template: string };
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
    await makeTemplate(embedded.connectionString);
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('cluster', { connectionString: embedded.connectionString, template: TEMPLATE });
  return end;
}

async function makeTemplate(connectionString: string): Promise<void> {
  const client = openClient(connectionString);
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  const url = new URL(connectionString);
  url.pathname = `/${TEMPLATE}`;
  await migrate(url.href, { log });
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
