import type { WrittenRow } from '../store/json-rows.ts';

type Values = Readonly<Record<string, unknown>>;

/** What the calls of a RowWriter have named of one table. */
interface NamedOfTable {
  readonly inserted: Values[];
  readonly updated: Map<string, Values>;
  /** Rows to be inserted or replaced, by the value of their key. */
  readonly upserted: Map<unknown, Values>;
  /** Columns and values whose rows are to be deleted. */
  readonly deleted: { readonly column: string; readonly values: readonly unknown[] }[];
}

/**
 * Finds calls of a RowWriter that name one row and would not all take effect, because one statement writes a row only
 * once, and does not see the rows that it inserts. Two updates of one row are combined into one, and rows may be
 * inserted in place of deleted ones. PostgreSQL itself refuses two inserts of one row.
 */
export class NamedRows {
  readonly #tables = new Map<string, NamedOfTable>();

  insert(table: string, rows: readonly object[]): void {
    this.#of(table).inserted.push(...(rows as readonly Values[]));
  }

  update(table: string, row: WrittenRow): void {
    const { inserted, updated, upserted, deleted } = this.#of(table);
    if (inserted.some((other) => other['id'] === row.id)) throw namedTwice(table, 'insert', 'update');
    if ([...upserted.values()].some((other) => other['id'] === row.id)) throw namedTwice(table, 'upsert', 'update');
    if (deleted.some(({ column, values }) => values.includes(row[column]))) throw namedTwice(table, 'delete', 'update');
    updated.set(row.id, { ...updated.get(row.id), ...row });
  }

  upsert(table: string, key: string, rows: readonly object[]): void {
    const { inserted, updated, upserted } = this.#of(table);
    for (const row of rows as readonly Values[]) {
      const value = row[key];
      if (upserted.has(value)) throw namedTwice(table, 'upsert', 'upsert');
      if (inserted.some((other) => other[key] === value)) throw namedTwice(table, 'insert', 'upsert');
      if (updated.has(row['id'] as string)) throw namedTwice(table, 'update', 'upsert');
      upserted.set(value, row);
    }
  }

  delete(table: string, column: string, values: readonly unknown[]): void {
    const { inserted, updated, upserted, deleted } = this.#of(table);
    const isNamed = (row: Values) => values.includes(row[column]);
    if (inserted.some(isNamed)) throw namedTwice(table, 'insert', 'delete');
    if ([...updated.values()].some(isNamed)) throw namedTwice(table, 'update', 'delete');
    if ([...upserted.values()].some(isNamed)) throw namedTwice(table, 'upsert', 'delete');
    deleted.push({ column, values });
  }

  #of(table: string): NamedOfTable {
    const known = this.#tables.get(table);
    if (known !== undefined) return known;
    const named: NamedOfTable = { inserted: [], updated: new Map(), upserted: new Map(), deleted: [] };
    this.#tables.set(table, named);
    return named;
  }
}

function namedTwice(table: string, first: string, second: string): Error {
  return new Error(
    `${table}: ${second} of a row that one statement already writes by ${first}; call writeRows in between`,
  );
}
