import { Prisma } from '../../prisma/generated/client/client.ts';
import { NamedRows } from './named-rows.ts';
import { deleteRows, insertRows, updateRows, upsertRows, type WrittenRow } from '../store/json-rows.ts';

/**
 * Writes rows of a change in its last statement, together with its events. Until then the change must not read the rows,
 * or write them in another way: `Change.writeRows` writes them earlier. Calls of one kind for one table are written
 * together, where the first of them is; else rows are written in the order of the calls. One statement writes a row only
 * once: calls that name a row which another call has named throw, where one of them would be lost.
 */
export interface RowWriter {
  insert(table: string, ...rows: readonly object[]): void;
  /** Updates columns of a row, which this change has locked. Columns that are undefined stay as they are. */
  update(table: string, row: WrittenRow): void;
  /** Inserts rows, or replaces them where one with the same value in the column `key` exists. All rows have the same columns. */
  upsert(table: string, key: string, ...rows: readonly object[]): void;
  /** Deletes the rows with one of these values in a column. */
  delete(table: string, column: string, ...values: readonly string[]): void;
  /** Adds a statement that inserts, updates or deletes, without RETURNING. It must do so only if `after` is true. */
  add(write: (after: Prisma.Sql) => Prisma.Sql): void;
}

/** The statements of a RowWriter. */
interface DeferredStatements {
  /** The statements as parts of a WITH, each followed by a comma. Each runs when the one before it has ended. */
  readonly parts: Prisma.Sql;
  /** A condition that is true when all of them have ended, and every row to be updated was there. */
  readonly after: Prisma.Sql;
}

type Write = (after: Prisma.Sql) => Prisma.Sql;

interface Statement {
  readonly write: Write;
  /** How many rows it must write; undefined: any number. */
  readonly rowCount?: number;
}

/** Collects rows that the last statement of a transaction writes. */
export class DeferredRows implements RowWriter {
  /** The calls so far, so that the rows of one change can be written with those of another. */
  #calls: ((writer: RowWriter) => void)[] = [];
  #statements: (() => readonly Statement[])[] = [];
  #lists = new Map<string, unknown[]>();
  #updated = new Map<string, Map<string, WrittenRow>>();
  #named = new NamedRows();

  get isEmpty(): boolean {
    return this.#statements.length === 0;
  }

  insert(table: string, ...rows: readonly object[]): void {
    this.#named.insert(table, rows);
    this.#calls.push((writer) => writer.insert(table, ...rows));
    this.#collect(`insert ${table}`, rows, (all) =>
      groupByColumns(all).map((group) => ({ write: (after) => insertRows(table, group, after) })),
    );
  }

  update(table: string, row: WrittenRow): void {
    this.#named.update(table, row);
    this.#calls.push((writer) => writer.update(table, row));
    let rows = this.#updated.get(table);
    if (rows === undefined) {
      const all = new Map<string, WrittenRow>();
      rows = all;
      this.#updated.set(table, all);
      this.#statements.push(() =>
        groupByColumns([...all.values()]).map((group) => ({
          write: (after) => updateRows(table, group, after),
          rowCount: group.length,
        })),
      );
    }
    const given = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
    rows.set(row.id, { ...rows.get(row.id), ...given, id: row.id });
  }

  upsert(table: string, key: string, ...rows: readonly object[]): void {
    this.#named.upsert(table, key, rows);
    this.#calls.push((writer) => writer.upsert(table, key, ...rows));
    this.#collect(`upsert ${table}`, rows, (all) => [{ write: (after) => upsertRows(table, key, all, after) }]);
  }

  delete(table: string, column: string, ...values: readonly string[]): void {
    this.#named.delete(table, column, values);
    this.#calls.push((writer) => writer.delete(table, column, ...values));
    this.#collect(`delete ${table} ${column}`, values, (all) => [
      { write: (after) => deleteRows(table, column, all, after) },
    ]);
  }

  add(write: Write): void {
    this.#calls.push((writer) => writer.add(write));
    this.#statements.push(() => [{ write }]);
  }

  /** Adds the rows of another change of the same transaction. */
  include(other: DeferredRows): void {
    for (const call of other.#calls) call(this);
  }

  /** Returns the statements, and begins an empty list. */
  take(): DeferredStatements {
    let after = Prisma.sql`true`;
    const complete: Prisma.Sql[] = [];
    const parts = this.#statements
      .flatMap((list) => list())
      .map(({ write, rowCount }, index) => {
        const name = Prisma.raw(`write${index}`);
        const part = Prisma.sql`${name} AS (${write(after)} RETURNING 1),`;
        // Counts all rows, so that the statement has ended.
        after = Prisma.sql`(SELECT count(*) FROM ${name}) >= 0`;
        if (rowCount !== undefined) complete.push(Prisma.sql`(SELECT count(*) FROM ${name}) = ${rowCount}`);
        return part;
      });
    this.#calls = [];
    this.#statements = [];
    this.#lists = new Map();
    this.#updated = new Map();
    this.#named = new NamedRows();
    return {
      parts: parts.length === 0 ? Prisma.empty : Prisma.join(parts, ' '),
      after: Prisma.join([after, ...complete], ' AND '),
    };
  }

  #collect<Value>(
    name: string,
    values: readonly Value[],
    write: (all: readonly Value[]) => readonly Statement[],
  ): void {
    const known = this.#lists.get(name);
    if (known !== undefined) return void known.push(...values);
    if (values.length === 0) return;
    const all = [...values];
    this.#lists.set(name, all);
    this.#statements.push(() => write(all));
  }
}

/** Groups rows that have the same columns. */
function groupByColumns<Row extends object>(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>();
  const sorted = new Map<string, string>();
  for (const row of rows) {
    const names = Object.keys(row);
    const given = names.join();
    const columns = sorted.get(given) ?? names.toSorted().join();
    sorted.set(given, columns);
    const group = groups.get(columns);
    if (group === undefined) groups.set(columns, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}
