/** Past stops are pruned when the map has doubled since the last pruning, and has at least this many entries. */
const PRUNE_MIN_COUNT = 1_000;

/** The most stops that are remembered: about 10 MB. Beyond it a key may be sent twice for one stop. */
const STOPS_MAX = 100_000;

/**
 * Remembers the stops that one subscription has been sent, the last one of each key. Past stops are pruned, and the
 * oldest entry is dropped when there are too many.
 */
export class SentStops {
  /** The last stop sent of each key, in ms since 1970, oldest entry first. */
  readonly #stops = new Map<string, number>();
  readonly #most: number;
  #forgetAt = PRUNE_MIN_COUNT;

  constructor(most = STOPS_MAX) {
    this.#most = most;
  }

  /** Adds the stop of a key. Returns false if it is the last one that was added for the key, or the key has no stop. */
  addIfNew({ id, stopsAt }: { readonly id: string; readonly stopsAt: Date | null }): boolean {
    const at = stopsAt?.getTime();
    if (at === undefined || this.#stops.get(id) === at) return false;
    this.#stops.delete(id);
    this.#stops.set(id, at);
    const [first] = this.#stops.size > this.#most ? this.#stops.keys() : [];
    if (first !== undefined) this.#stops.delete(first);
    return true;
  }

  prune(now: Date): void {
    if (this.#stops.size < this.#forgetAt) return;
    for (const [id, at] of this.#stops) if (at <= now.getTime()) this.#stops.delete(id);
    this.#forgetAt = Math.max(PRUNE_MIN_COUNT, 2 * this.#stops.size);
  }
}
