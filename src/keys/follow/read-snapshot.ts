import { MINUTE_MS } from '../../domain/duration.ts';
import { rateLimited } from '../../domain/request-error.ts';
import { readBounds } from '../../log/head.ts';
import type { Core } from '../../store/core.ts';
import type { HeadLine } from '../../verifier/follow-lines.ts';
import { encodeFollowCursor } from './follow-cursor.ts';
import { readLineage } from './read-lineage.ts';
import { type LineReader, readLiveKeyLines, readRealmLine } from './read-lines.ts';

/** How many keys one statement reads. */
const PAGE_SIZE = 500;

/** The longest time that a snapshot may be open in the database: a slow reader is cut off. */
const SNAPSHOT_MAX_MS = 10 * MINUTE_MS;

/** How many snapshots a node reads at once: each takes a connection of the database. */
const AT_ONCE_MAX = 2;

const RETRY_AFTER_MS = 2_000;

/** Reads what verifications of a realm depend on, for verifiers in other processes. */
export class Snapshots {
  readonly #core: Pick<Core, 'prisma' | 'clock'>;
  #openCount = 0;

  constructor(core: Pick<Core, 'prisma' | 'clock'>) {
    this.#core = core;
  }

  /**
   * Reads a realm and all of its keys that have not ended, as of one moment, and passes the lines on page by page; the next
   * page is read when `send` has resolved. The last line is the head from which to follow.
   *
   * @throws RATE_LIMITED if the node reads as many snapshots as it may.
   */
  async read(reader: LineReader, send: (lines: readonly string[]) => Promise<void>): Promise<void> {
    if (this.#openCount >= AT_ONCE_MAX) {
      throw rateLimited(
        `Found ${this.#openCount} snapshots open; at most ${AT_ONCE_MAX} are accepted.`,
        RETRY_AFTER_MS,
      );
    }
    this.#openCount += 1;
    try {
      await this.#send(reader, send);
    } finally {
      this.#openCount -= 1;
    }
  }

  async #send(reader: LineReader, send: (lines: readonly string[]) => Promise<void>): Promise<void> {
    const { prisma, clock } = this.#core;
    const asOf = clock.now().getTime();
    const cursor = await prisma.$transaction(
      async (tx) => {
        // The first statement sets the snapshot: all others read as of it.
        const { head: position, quiet } = await readBounds({ prisma: tx });
        const lineage = await readLineage(tx);
        await send([await readRealmLine({ prisma: tx }, reader.realmId)]);
        for (let after = ''; ;) {
          const lines = await readLiveKeyLines({ prisma: tx }, reader, { after, count: PAGE_SIZE });
          if (lines.length > 0) await send(lines);
          if (lines.length < PAGE_SIZE) break;
          after = idOf(lines.at(-1) ?? '');
        }
        return encodeFollowCursor({ lineage, position, quiet });
      },
      { isolationLevel: 'RepeatableRead', timeout: SNAPSHOT_MAX_MS },
    );
    const head: HeadLine = { cursor, asOf, time: clock.now().getTime() };
    await send([JSON.stringify({ head })]);
  }
}

function idOf(line: string): string {
  return (JSON.parse(line) as { readonly key: { readonly id: string } }).key.id;
}
