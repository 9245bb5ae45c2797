import { KeyTable } from '../../src/keys/table/key-table.ts';
import type { Core } from '../../src/store/core.ts';

/** A table of a node that does not follow the log: it asks the database each time. */
export function openUnfollowedTable(core: Pick<Core, 'prisma' | 'clock'>): KeyTable {
  const freshness = { lagMs: () => Number.POSITIVE_INFINITY, catchUp: async () => undefined };
  return new KeyTable(core, { freshness, capacity: 1_000, onFailure: () => undefined });
}
