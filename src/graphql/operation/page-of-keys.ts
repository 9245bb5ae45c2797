import { badUserInput } from '../../domain/request-error.ts';
import { PAGE_MAX } from '../keyset.ts';

/** Returns the size of a page. Throws BAD_USER_INPUT unless it is from 0 to the maximum. */
export function checkPageSize(size: number): number {
  if (size >= 0 && size <= PAGE_MAX) return size;
  throw badUserInput(`first: found ${size}; expected 0 to ${PAGE_MAX}.`, ['first']);
}

/** Returns a page of rows whose cursors are the ids of keys. `rows` has one row more than the page if more follow. */
export function pageOf<Row>(rows: readonly Row[], size: number, after: string | null, idOf: (row: Row) => string) {
  const edges = rows.slice(0, size).map((node) => ({ cursor: idOf(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
