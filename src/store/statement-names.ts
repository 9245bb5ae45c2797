import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** How many texts are named. Each named statement takes memory in each connection of the server, until it closes. */
const NAMED_MAX = 200;

/** How often a text is sent before it is named: texts that depend on the length of a list are not worth a name. */
const SENT_BEFORE = 8;

/** How many texts without a name are counted. */
const COUNTED_MAX = 2_000;

/**
 * A result with all columns of a table. A migration that adds a column would make a prepared statement of this form fail for
 * as long as its connection lives.
 */
const ALL_COLUMNS = /\*(?!\))/;

/**
 * Returns a function that names the statements that are sent often, so that a connection parses and analyzes each of them
 * once. A text always has the same name; undefined: the statement is not prepared under a name.
 */
export function createStatementNames(): (sql: string) => string | undefined {
  const names = new Map<string, string>();
  const counts = new LRUCache<string, number>({ max: COUNTED_MAX });
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined || names.size >= NAMED_MAX) return known;
    const count = (counts.get(sql) ?? 0) + 1;
    counts.set(sql, count);
    if (count <= SENT_BEFORE || ALL_COLUMNS.test(sql)) return undefined;
    const name = `keytide_${createHash('sha256').update(sql).digest('base64url').slice(0, 22)}`;
    names.set(sql, name);
    counts.delete(sql);
    return name;
  };
}
