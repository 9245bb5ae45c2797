/** What was sent is gone through for stops that have passed when it has doubled, and is so many at least. */
const PRUNE_MIN_COUNT = 1_000;

/** So many are remembered, some 10 MB: of more keys that are about to stop, one that changes may be told of again. */
const STOPS_MAX = 100_000;

/**
 * The stops that one subscription was told of. A stop of a key is new once, and again only when another one of it was told
 * in between. What has passed is forgotten, and the one that was told first when there are too many.
 */
export class SentStops {
  /** The stop that was told last of each key, in ms since 1970; the one told first is the first of them. */
  readonly #stops = new Map<string, number>();
  readonly #most: number;
  #forgetAt = PRUNE_MIN_COUNT;

  constructor(most = STOPS_MAX) {
    this.#most = most;
  }

  /** Whether a key's stop is to be told; it counts as told then. */
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
