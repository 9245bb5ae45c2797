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

/** Prisma's schema engine. Its inputs and answers are documented in the package's schema_engine_bg.d.ts. */
export type SchemaEngine = bindings.SchemaEngine;

/** Entities that are somebody else's: none. */
export const EMPTY_FILTERS = { externalTables: [], externalEnums: [] };

export interface EngineOptions {
  /** Runs a script of many statements. Default: the pool, as one message. */
  readonly runScript?: (script: string) => Promise<unknown>;
  /** Gives an empty database to try migrations in; needed to compare them with a schema, and for nothing else. */
  readonly openShadowDatabase?: () => Promise<SqlDriverAdapter>;
}

/**
 * Prisma's schema engine as WebAssembly (nothing native is fetched), over connections of that pool, which stays the caller's
 * to end.
 */
export async function openSchemaEngine(pool: Pool, options: EngineOptions = {}): Promise<SchemaEngine> {
  await loadEngine();
  const { runScript = (script) => pool.query(script), openShadowDatabase = refuseShadowDatabase } = options;
  const adapter = new PrismaPg(pool);
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    connect: async () => executeScriptsWith(runScript, await adapter.connect()),
    connectToShadowDb: openShadowDatabase,
  };
  return bindings.SchemaEngine.new({ datamodels: undefined }, ignore, bindMigrationAwareSqlAdapterFactory(factory));
}

/** The engine's JavaScript half; the other lies beside it. */
const BINDINGS = '@prisma/schema-engine-wasm/schema_engine_bg';

/** Node has it; its types come with the browser's, which are not for a server. */
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

let loading: Promise<void> | undefined;

/** The engine keeps its state in its module, so it is loaded once a process. */
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

/** The engine forgets its timers when it has what it waits for (a lock, 10 s): those must not keep the process alive. */
function startTimer(run: () => void, ms: number): NodeJS.Timeout {
  return setTimeout(run, ms >>> 0).unref();
}

/**
 * Scripts go to the server whole. The adapter's own way is to split them at every semicolon, which breaks literals, comments
 * and function bodies that hold one.
 */
export function executeScriptsWith(
  run: (script: string) => Promise<unknown>,
  adapter: SqlDriverAdapter,
): SqlDriverAdapter {
  adapter.executeScript = async (script) => {
    await run(script).catch((error: unknown) => {
      throw error instanceof DatabaseError ? new DriverAdapterError(describeFailure(error)) : error;
    });
  };
  return adapter;
}

/** What the engine is told of a statement that failed; of anything else it would only say that something did. */
function describeFailure({ code, severity, message, detail, column, hint }: DatabaseError): AdapterFailure {
  return { kind: 'postgres', code: code ?? '', severity: severity ?? '', message, detail, column, hint };
}

function refuseShadowDatabase(): Promise<SqlDriverAdapter> {
  return Promise.reject(new Error('no shadow database was offered'));
}

function ignore(): void {}
