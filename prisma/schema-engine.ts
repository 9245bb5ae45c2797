import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  DriverAdapterError,
  type Error as AdapterFailure,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { DatabaseError, type Pool } from 'pg';
import { isIndexMigration, readIndexStatements } from '../src/store/index-migration.ts';

/** Prisma's schema engine. Its inputs and outputs are documented in the package's schema_engine_bg.d.ts. */
export type SchemaEngine = bindings.SchemaEngine;

/** No tables or enums are excluded. */
export const EMPTY_FILTERS = { externalTables: [], externalEnums: [] };

export interface EngineOptions {
  /** Opens an empty database to try migrations in. Needed only to compare migrations with a schema. */
  readonly openShadowDatabase?: () => Promise<SqlDriverAdapter>;
}

/**
 * Opens Prisma's schema engine as WebAssembly (nothing native is downloaded), on connections of a pool that the caller
 * closes.
 */
export async function openSchemaEngine(pool: Pool, options: EngineOptions = {}): Promise<SchemaEngine> {
  await loadEngine();
  const { openShadowDatabase = refuseShadowDatabase } = options;
  const adapter = new PrismaPg(pool);
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    connect: async () => sendWholeScripts(pool, await adapter.connect()),
    connectToShadowDb: openShadowDatabase,
  };
  return bindings.SchemaEngine.new({ datamodels: undefined }, ignore, bindMigrationAwareSqlAdapterFactory(factory));
}

/** The engine's JavaScript bindings; the WebAssembly file lies beside them. */
const BINDINGS = '@prisma/schema-engine-wasm/schema_engine_bg';

/** Node provides it, but its types come with the browser's, which do not belong in a server. */
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

let loading: Promise<void> | undefined;

/** Loads the engine once a process, because the engine's state is in its module. */
async function loadEngine(): Promise<void> {
  loading ??= (async () => {
    const file = createRequire(import.meta.url)
      .resolve(BINDINGS)
      .replace(/\.js$/, '.wasm');
    const imports = Object.entries(bindings).map(([name, binding]) => [name, isTimer(name) ? startTimer : binding]);
    const { instance } = await WebAssembly.instantiate(await readFile(file), {
      './schema_engine_bg.js': Object.fromEntries(imports),
    });
    bindings.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
  })();
  await loading;
}

function isTimer(name: string): boolean {
  return name.startsWith('__wbg_setTimeout_');
}

/**
 * Starts a timer that does not keep the process alive: the engine leaves timers behind (10 s for a lock that it got).
 */
function startTimer(run: () => void, ms: number): NodeJS.Timeout {
  return setTimeout(run, ms >>> 0).unref();
}

/**
 * Makes an adapter send scripts to the server whole. By default it splits them at every semicolon, which breaks
 * literals, comments and function bodies that contain one. Only an index migration is sent statement by statement.
 */
export function sendWholeScripts(pool: Pool, adapter: SqlDriverAdapter): SqlDriverAdapter {
  adapter.executeScript = async (script) => {
    try {
      for (const part of splitScript(script)) await pool.query(part);
    } catch (error) {
      throw error instanceof DatabaseError ? new DriverAdapterError(describeFailure(error)) : error;
    }
  };
  return adapter;
}

/** Returns the parts of a script that go to the server one by one. */
function splitScript(script: string): string[] {
  const migration = { name: 'of the script', script };
  return isIndexMigration(migration) ? readIndexStatements(migration).map(({ sql }) => sql) : [script];
}

/**
 * Returns the error of a failed statement in the engine's form. For other errors the engine's message has no details.
 */
function describeFailure({ code, severity, message, detail, column, hint }: DatabaseError): AdapterFailure {
  return { kind: 'postgres', code: code ?? '', severity: severity ?? '', message, detail, column, hint };
}

function refuseShadowDatabase(): Promise<SqlDriverAdapter> {
  return Promise.reject(new Error('no shadow database configured'));
}

function ignore(): void {}
