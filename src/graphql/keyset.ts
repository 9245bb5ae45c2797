import { kindOf } from '../domain/id.ts';
import { parseInstant } from '../domain/instant.ts';
import { badUserInput } from '../domain/request-error.ts';

/** Items on a page: by default, and at most. A larger page is refused, never cut. */
export const PAGE_DEFAULT = 20;
export const PAGE_MAX = 100;

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export type Direction = 'ASC' | 'DESC';

/** The order of a list: by a column, then by id. Rows without a value come last in both directions. */
export interface Order {
  readonly column: string;
  readonly direction: Direction;
  /** The column of the ids. Default: id. */
  readonly idColumn?: string;
}

type Value = string | null;
type Where = Record<string, unknown>;

/** The parts of a Prisma query for one page, and the conversion of its rows to a connection. */
export interface Keyset {
  readonly where: Where[];
  readonly orderBy: Record<string, unknown>[];
  /** The size of the page plus 1: an extra row shows that there is a further page. */
  readonly take: number;
  connection<R extends object>(rows: readonly R[]): ConnectionPage<R>;
}

export interface ConnectionPage<R> {
  readonly edges: { readonly cursor: string; readonly node: R }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/**
 * Plans a page by keyset pagination: the rows after or before the position in a cursor. It does not matter whether the
 * row of the cursor still exists or matches the filter.
 */
export function createKeyset(args: PageArgs, order: Order): Keyset {
  const isBackward = args.last != null || (args.before != null && args.first == null);
  if (args.first != null && args.last != null) throw badUserInput('Found both first and last; expected one of them.');
  const size = checkSize(isBackward ? 'last' : 'first', isBackward ? args.last : args.first);
  const where = [
    ...(args.after == null ? [] : [whereBeyond(readCursor('after', args.after, order), order, true)]),
    ...(args.before == null ? [] : [whereBeyond(readCursor('before', args.before, order), order, false)]),
  ];
  const isAscending = (order.direction === 'ASC') !== isBackward;
  const sort = isAscending ? 'asc' : 'desc';
  const column = isNullable(order.column) ? { sort, nulls: isBackward ? 'first' : 'last' } : sort;
  return {
    where,
    orderBy: [{ [order.column]: column }, { [idColumnOf(order)]: sort }],
    take: size + 1,
    connection(rows) {
      const page = rows.slice(0, size);
      const edges = (isBackward ? page.toReversed() : page).map((node) => ({ cursor: writeCursor(node, order), node }));
      return {
        edges,
        pageInfo: {
          hasNextPage: isBackward ? args.before != null : rows.length > size,
          hasPreviousPage: isBackward ? rows.length > size : args.after != null,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        },
      };
    },
  };
}

/** Returns the size of a page. @throws BAD_USER_INPUT if it is out of bounds. */
export function checkSize(name: string, size: number | null | undefined): number {
  if (size == null) return PAGE_DEFAULT;
  if (size < 0 || size > PAGE_MAX) throw badUserInput(`${name}: found ${size}; expected 0 to ${PAGE_MAX}.`, [name]);
  return size;
}

const nullable = new Set(['stopsAt', 'lastUsedAt']);

function isNullable(column: string): boolean {
  return nullable.has(column);
}

/** Returns the filter for the rows on one side of a position in the order. */
function whereBeyond([value, id]: readonly [Value, string], order: Order, isAfter: boolean): Where {
  const { column, direction } = order;
  const further = (direction === 'ASC') === isAfter ? 'gt' : 'lt';
  const sameValue = { [column]: value, [idColumnOf(order)]: { [further]: id } };
  if (!isNullable(column)) return { OR: [{ [column]: { [further]: value } }, sameValue] };
  // Rows without a value sort behind all others.
  if (value === null) return isAfter ? sameValue : { OR: [{ [column]: { not: null } }, sameValue] };
  return { OR: [{ [column]: { [further]: value } }, sameValue, ...(isAfter ? [{ [column]: null }] : [])] };
}

function idColumnOf({ idColumn = 'id' }: Order): string {
  return idColumn;
}

/** Returns the cursor of a row in an order. */
export function writeCursor(row: object, order: Order): string {
  const { column, direction } = order;
  const values = row as Readonly<Record<string, unknown>>;
  const value = values[column] ?? null;
  const text = value instanceof Date ? value.toISOString() : value;
  return Buffer.from(JSON.stringify([column, direction, text, values[idColumnOf(order)]])).toString('base64url');
}

/** Returns the position of a cursor: the value of the order’s column, and the id. */
export function readCursor(name: string, cursor: string, order: Order): readonly [Value, string] {
  try {
    const [column, direction, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    const isOurs = column === order.column && direction === order.direction && typeof id === 'string' && kindOf(id);
    if (isOurs && isValue(value, order)) return [value, id];
  } catch {
    // A malformed cursor is refused like a cursor of another order.
  }
  throw badUserInput(
    `${name}: found a cursor that is not of this list in this order. Take cursors from pageInfo or an edge.`,
    [name],
  );
}

/** Whether a column could hold this value. Cursors are not signed, so callers can forge them. */
function isValue(value: unknown, { column }: Order): value is Value {
  if (value === null) return isNullable(column);
  if (typeof value !== 'string') return false;
  if (column === 'name') return value.isWellFormed() && !value.includes('\0');
  const instant = parseInstant(value);
  return 'at' in instant && instant.at.toISOString() === value;
}
