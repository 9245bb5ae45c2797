import { Prisma } from '../../prisma/generated/client/client.ts';

// Rows that SQL reads or writes as JSON, so that rows of several tables take one statement. The types of columns follow
// from their names, as in the schema: …At, since, from and to are times, …Ms are large integers, digest is bytes.

type Columns = Readonly<Record<string, string>>;

const times = new Set(['since', 'from', 'to']);

/** Returns the columns of a table as a list for SELECT. */
export function listColumns(table: string, columns: Columns): Prisma.Sql {
  return listOf(columns, (name) => `${table}."${name}"`);
}

/** Returns an expression for SQL that makes a JSON object of a table's row. */
export function toJsonObject(table: string, columns: Columns): Prisma.Sql {
  const valueOf = (name: string) => {
    const column = `${table}."${name}"`;
    if (isDuration(name)) return `${column}::text`;
    return name === 'digest' ? `encode(${column}, 'hex')` : column;
  };
  return Prisma.sql`jsonb_build_object(${listOf(columns, (name) => `'${name}', ${valueOf(name)}`)})`;
}

/** Returns a row that `toJsonObject` made with the types that Prisma returns. */
export function reviveRow<Row extends object>(row: Row): Row {
  const members = Object.entries(row).map(([name, value]) => [name, reviveMember(name, value)]);
  return Object.fromEntries(members) as Row;
}

/** Returns a statement part that inserts rows. A column that only some of them have is null in the others. At least one row must be given. */
export function insertRows(table: string, rows: readonly object[]): Prisma.Sql {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const names = Prisma.raw(columns.map((name) => `"${name}"`).join(', '));
  const into = Prisma.raw(`"${table}"`);
  const json = JSON.stringify(rows, (_, value: unknown) => writtenValue(value));
  return Prisma.sql`
    INSERT INTO ${into} (${names}) SELECT ${names} FROM jsonb_populate_recordset(NULL::${into}, ${json}::jsonb)`;
}

function listOf(columns: Columns, write: (name: string) => string): Prisma.Sql {
  return Prisma.raw(Object.keys(columns).map(write).join(', '));
}

function reviveMember(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (name.endsWith('At') || times.has(name)) return new Date(value);
  if (isDuration(name)) return BigInt(value);
  return name === 'digest' ? Uint8Array.from(Buffer.from(value, 'hex')) : value;
}

function isDuration(name: string): boolean {
  return name.endsWith('Ms');
}

function writtenValue(value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
