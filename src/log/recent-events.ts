import type { Event } from '../../prisma/generated/client/client.ts';

/** Number of newest events in memory, shared by all readers that keep up. */
const TAIL_SIZE = 2_000;

/** The newest events that a node has read, in memory and in order. */
export class RecentEvents {
  #tail: readonly Event[] = [];
  #head = 0n;

  /** The position of the newest event that was read. */
  get head(): bigint {
    return this.#head;
  }

  /** Begins after a position, with no event in memory. */
  startAfter(head: bigint): void {
    this.#head = head;
    this.#tail = [];
  }

  /** Adds the events that follow. Returns false, and adds none, if they do not continue what was read. */
  append(page: readonly Event[]): boolean {
    // Positions have no gaps: the events in between were dropped.
    if (page[0]?.position !== this.#head + 1n) return false;
    this.#tail = [...this.#tail, ...page].slice(-TAIL_SIZE);
    this.#head = page.at(-1)?.position ?? this.#head;
    return true;
  }

  /** Returns at most `maxCount` events after a position. Null: some of them are no longer in memory. */
  readAfter(after: bigint, maxCount = Number.POSITIVE_INFINITY): readonly Event[] | null {
    const memoryFrom = this.#tail[0]?.position ?? this.#head + 1n;
    if (after < memoryFrom - 1n) return null;
    const start = this.#tail.findLastIndex(({ position }) => position <= after) + 1;
    return this.#tail.slice(start, start + maxCount);
  }
}
