import { Prisma } from '../../prisma/generated/client/client.ts';

// Rows that SQL reads or writes as JSON, so that rows of several tables take one statement. The types of columns follow
// from their names, as in the schema: …At, since, from and to are times, …Ms are large integers, digest and compact are
// bytes.

type Columns = Readonly<Record<string, string>>;

const times = new Set(['since', 'from', 'to']);
const bytes = new Set(['digest', 'compact']);

/** What bytes begin with in the JSON of `row_to_json`. */
const BYTEA = '\\x';

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

/**
 * Gives a row that `toJsonObject` or `row_to_json` made the types that Prisma returns, and returns it. The row itself is changed: a
 * copy of an object with many members is slow.
 */
export function reviveRow<Row extends object>(row: Row): Row {
  const members = row as Record<string, unknown>;
  for (const name in members) {
    const value = members[name];
    if (typeof value === 'string' || typeof value === 'number') members[name] = reviveMember(name, value);
  }
  return row;
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

/**
 * Returns rows as a table of SQL with the columns of a table. A value that all rows have in common is sent once. At least one row
 * must be given.
 */
export function populate(table: string, rows: readonly object[]): Prisma.Sql {
  const { common, own } = separateCommon(rows.map(writtenRow));
  return Prisma.sql`
    jsonb_populate_recordset(jsonb_populate_record(NULL::${nameOf(table)}, ${jsonParameter(common)}), ${jsonParameter(own)})`;
}

/**
 * Returns a value as a parameter of the type jsonb. It is sent as bytes: Prisma writes a text parameter as JSON once more, and
 * parses it again.
 */
function jsonParameter(value: unknown): Prisma.Sql {
  return Prisma.sql`convert_from(${Buffer.from(JSON.stringify(value))}, 'UTF8')::jsonb`;
}

type Values = Readonly<Record<string, unknown>>;

/** Separates the values that all rows have in common from those that differ. */
function separateCommon(rows: readonly Values[]): { readonly common: Values; readonly own: readonly Values[] } {
  const [first = {}] = rows;
  const names = Object.keys(first);
  const isCommon = (name: string) => rows.every((row) => isSameValue(row[name], first[name]));
  const common = new Set(rows.length === 1 ? [] : names.filter(isCommon));
  const differing = names.filter((name) => !common.has(name));
  const pick = (row: Values, picked: Iterable<string>) => {
    const values: Record<string, unknown> = {};
    for (const name of picked) values[name] = row[name];
    return values;
  };
  return { common: pick(first, common), own: common.size === 0 ? rows : rows.map((row) => pick(row, differing)) };
}

/** Whether two values are known to be the same in JSON. */
function isSameValue(one: unknown, other: unknown): boolean {
  if (one instanceof Date) return other instanceof Date && one.getTime() === other.getTime();
  return one === other || (Array.isArray(one) && one.length === 0 && Array.isArray(other) && other.length === 0);
}

function listOf(columns: Columns, write: (name: string) => string): Prisma.Sql {
  return Prisma.raw(Object.keys(columns).map(write).join(', '));
}

function reviveMember(name: string, value: string | number): unknown {
  if (isDuration(name)) return BigInt(value);
  if (typeof value === 'number') return value;
  if (name.endsWith('At') || times.has(name)) return new Date(value);
  if (!bytes.has(name)) return value;
  return new Uint8Array(Buffer.from(value.startsWith(BYTEA) ? value.slice(BYTEA.length) : value, 'hex'));
}

function isDuration(name: string): boolean {
  return name.endsWith('Ms');
}

/** Returns a row with values that JSON can hold: most rows as they are. */
function writtenRow(row: object): Values {
  const given = row as Values;
  let written: Record<string, unknown> | null = null;
  for (const name in given) {
    const value = given[name];
    if (!(value instanceof Uint8Array) && typeof value !== 'bigint') continue;
    written ??= { ...given };
    written[name] = typeof value === 'bigint' ? value.toString() : `${BYTEA}${hexOf(value)}`;
  }
  return written ?? given;
}

function hexOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
}
