import { HOUR_MS } from '../domain/duration.ts';
import type { Core } from '../store/core.ts';
import type { RetentionRule } from '../store/retention-rule.ts';
import { readBounds } from './head.ts';

/** How many quiet changes one read returns. */
const PAGE_SIZE = 500;

export const quietChangeRule: RetentionRule = {
  rows: 'all',
  retentionMs: HOUR_MS,
  from: 'the change',
  why: 'A node that is further behind drops what it knows of keys, and reads it again.',
  remove: async (tx, before, limit) =>
    (await tx.quietChange.deleteMany({ where: { recordedAt: { lte: before } }, limit })).count,
};

/** Receives the ids of keys that changed without an event; null: some are unknown, because this node was too far behind. */
export type QuietWatcher = (keyIds: readonly string[] | null) => void;

/** Reads the changes of keys that no event records, by their number. */
export class QuietChanges {
  readonly #core: Pick<Core, 'prisma'>;
  #number = 0n;

  constructor(core: Pick<Core, 'prisma'>) {
    this.#core = core;
  }

  /** The number up to which the changes have been read. */
  get number(): bigint {
    return this.#number;
  }

  /** Continues after a number that the log's head had. */
  startAfter(number: bigint): void {
    this.#number = number;
  }

  /** Reads a page of changes and passes their keys on. Returns whether more may follow. */
  async read(watch: QuietWatcher): Promise<boolean> {
    const { quiet } = await readBounds(this.#core);
    if (quiet === this.#number) return false;
    const page = await this.#core.prisma.quietChange.findMany({
      where: { number: { gt: this.#number } },
      orderBy: { number: 'asc' },
      take: PAGE_SIZE,
    });
    // Numbers have no gaps: the changes in between were removed, or all of them.
    const isComplete = page[0]?.number === this.#number + 1n;
    this.#number = page.at(-1)?.number ?? quiet;
    watch(isComplete ? page.flatMap(({ keyIds }) => keyIds) : null);
    return page.length === PAGE_SIZE;
  }
}

/**
 * Reads the keys of the changes after a number, up to another number. Null: some of the changes were removed, because they are
 * older than an hour.
 */
export async function readQuietKeys(
  { prisma }: Pick<Core, 'prisma'>,
  after: bigint,
  upTo: bigint,
): Promise<ReadonlySet<string> | null> {
  const keyIds = new Set<string>();
  for (let number = after; number < upTo;) {
    const page = await prisma.quietChange.findMany({
      where: { number: { gt: number, lte: upTo } },
      orderBy: { number: 'asc' },
      take: PAGE_SIZE,
    });
    if (page[0]?.number !== number + 1n) return null;
    for (const change of page) for (const id of change.keyIds) keyIds.add(id);
    number = page.at(-1)?.number ?? upTo;
  }
  return keyIds;
}
