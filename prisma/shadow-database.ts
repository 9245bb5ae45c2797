import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { Pool } from 'pg';
import { sendWholeScripts } from './schema-engine.ts';

/** Object ids of types in pg_type.dat: "char" (one byte, in system tables only) and char(n). */
const ONE_CHAR = 18;
const PADDED_CHAR = 1042;

/** Creates an empty database for the schema engine on the server of the pool. The engine drops it at the end. */
export async function openShadowDatabase(server: Pool): Promise<SqlDriverAdapter> {
  const database = `keytide_shadow_${randomUUID()}`;
  await server.query(`CREATE DATABASE "${database}"`);
  const url = new URL(server.options.connectionString ?? '');
  url.pathname = `/${database}`;
  const pool = new Pool({ connectionString: url.href, max: 1 });
  const adapter = sendWholeScripts(pool, readChars(await new PrismaPg(pool).connect()));
  // The adapter's own dispose drops the database while still connected to it, which PostgreSQL refuses.
  adapter.dispose = async () => {
    await pool.end();
    await server.query(`DROP DATABASE "${database}"`);
  };
  return adapter;
}

/** Makes the adapter return "char" columns of system tables, which the engine reads and the adapter refuses. */
function readChars(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const pool = (adapter as unknown as { underlyingDriver(): Pool }).underlyingDriver();
  const query = pool.query.bind(pool) as unknown as (input: unknown) => Promise<{ fields: { dataTypeID: number }[] }>;
  const queryRaw = adapter.queryRaw.bind(adapter);
  let areChars: boolean[] = [];
  const queryAndMark = async (input: unknown) => {
    if (typeof input === 'string') return query(input); // a script, whose result is not read
    const result = await query(input);
    areChars = result.fields.map((field) => field.dataTypeID === ONE_CHAR);
    for (const field of result.fields) if (field.dataTypeID === ONE_CHAR) field.dataTypeID = PADDED_CHAR;
    return result;
  };
  pool.query = queryAndMark as unknown as Pool['query'];
  adapter.queryRaw = async (input) => {
    const result = await queryRaw(input);
    const columnTypes = result.columnTypes.map((type, at) => (areChars[at] ? ColumnTypeEnum.Character : type));
    return { ...result, columnTypes };
  };
  return adapter;
}
