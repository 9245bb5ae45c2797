import { Prisma } from '../../prisma/generated/client/client.ts';

// Rows that SQL reads or writes as JSON, so that rows of several tables take one statement. The types of columns follow
// from their names, as in the schema: …At, since, from and to are times, …Ms are large integers, digest and compact are
// bytes.

type Columns = Readonly<Record<string, string>>;

const times = new Set(['since', 'from', 'to']);
const bytes = new Set(['digest', 'compact']);

/** Returns the columns of a table as a list for SELECT. */
export function listColumns(table: string, columns: Columns): Prisma.Sql {
  return listOf(columns, (name) => `${table}."${name}"`);
}

/** Returns an expression for SQL that makes a JSON object of a table's row. */
export function toJsonObject(table: string, columns: Columns): Prisma.Sql {
  const valueOf = (name: string) => {
    const column = `${table}."${name}"`;
    if (isDuration(name)) return `${column}::text`;
    return bytes.has(name) ? `encode(${column}, 'hex')` : column;
  };
  return Prisma.sql`jsonb_build_object(${listOf(columns, (name) => `'${name}', ${valueOf(name)}`)})`;
}

/** Returns a row that `toJsonObject` made with the types that Prisma returns. */
export function reviveRow<Row extends object>(row: Row): Row {
  const members = Object.entries(row).map(([name, value]) => [name, reviveMember(name, value)]);
  return Object.fromEntries(members) as Row;
}

/** A row with the columns that are written, found by its id. */
export interface WrittenRow {
  readonly id: string;
  readonly [column: string]: unknown;
}

/**
 * Returns a statement part that inserts rows with the same columns, if `condition` is true. At least one row must be
 * given.
 */
export function insertRows(table: string, rows: readonly object[], condition = Prisma.sql`true`): Prisma.Sql {
  const names = Prisma.raw(columnsOf(rows).join(', '));
  return Prisma.sql`
    INSERT INTO ${nameOf(table)} (${names}) SELECT ${names} FROM ${populate(table, rows)} WHERE ${condition}`;
}

/**
 * Returns a statement part that updates rows, all with the same columns, if `condition` is true. At least one row must
 * be given.
 */
export function updateRows(table: string, rows: readonly WrittenRow[], condition: Prisma.Sql): Prisma.Sql {
  const columns = columnsOf(rows).filter((name) => name !== '"id"');
  const values = Prisma.raw(columns.map((name) => `${name} = r.${name}`).join(', '));
  return Prisma.sql`
    UPDATE ${nameOf(table)} t SET ${values} FROM ${populate(table, rows)} r WHERE t.id = r.id AND ${condition}`;
}

/**
 * Returns a statement part that inserts rows, or replaces those with the same value in the column `key`, if `condition`
 * is true. All rows have the same columns. At least one row must be given.
 */
export function upsertRows(table: string, key: string, rows: readonly object[], condition: Prisma.Sql): Prisma.Sql {
  const columns = columnsOf(rows).filter((name) => name !== `"${key}"`);
  const values = Prisma.raw(columns.map((name) => `${name} = excluded.${name}`).join(', '));
  return Prisma.sql`
    ${insertRows(table, rows, condition)} ON CONFLICT (${Prisma.raw(`"${key}"`)}) DO UPDATE SET ${values}`;
}

/** Returns a statement part that deletes the rows with one of these values in a column, if `condition` is true. */
export function deleteRows(
  table: string,
  column: string,
  values: readonly string[],
  condition: Prisma.Sql,
): Prisma.Sql {
  return Prisma.sql`
    DELETE FROM ${nameOf(table)} WHERE ${Prisma.raw(`"${column}"`)} = ANY(${[...values]}) AND ${condition}`;
}

/** Returns the quoted columns of rows, in the same order whatever the order of the members is. */
function columnsOf([row]: readonly object[]): readonly string[] {
  return Object.keys(row ?? {})
    .toSorted()
    .map((name) => `"${name}"`);
}

function nameOf(table: string): Prisma.Sql {
  return Prisma.raw(`"${table}"`);
}

/** Returns rows as a table of SQL. */
function populate(table: string, rows: readonly object[]): Prisma.Sql {
  const json = JSON.stringify(rows.map(writtenRow));
  return Prisma.sql`jsonb_populate_recordset(NULL::${nameOf(table)}, ${json}::jsonb)`;
}

function listOf(columns: Columns, write: (name: string) => string): Prisma.Sql {
  return Prisma.raw(Object.keys(columns).map(write).join(', '));
}

function reviveMember(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (name.endsWith('At') || times.has(name)) return new Date(value);
  if (isDuration(name)) return BigInt(value);
  return bytes.has(name) ? Uint8Array.from(Buffer.from(value, 'hex')) : value;
}

function isDuration(name: string): boolean {
  return name.endsWith('Ms');
}

/** Returns a row with values that JSON can hold: most rows as they are. */
function writtenRow(row: object): object {
  let written: Record<string, unknown> | null = null;
  for (const [name, value] of Object.entries(row)) {
    if (!(value instanceof Uint8Array) && typeof value !== 'bigint') continue;
    written ??= { ...row };
    written[name] = typeof value === 'bigint' ? value.toString() : `\\x${Buffer.from(value).toString('hex')}`;
  }
  return written ?? row;
}
