/** What was sent is gone through for stops that have passed when it has doubled, and is so many at least. */
const FORGET_FROM = 1_000;

/**
 * The stops that one subscription was told of. A stop of a key is new once, and again only when another one of it was told
 * in between. What has passed is forgotten: as much is kept as there are keys about to stop.
 */
export class SentStops {
  /** The stop that was told last of each key, in ms since 1970. */
  readonly #stops = new Map<string, number>();
  #forgetAt = FORGET_FROM;

  /** Whether a key's stop is to be told; it counts as told then. */
  isNew({ id, stopsAt }: { readonly id: string; readonly stopsAt: Date | null }): boolean {
    const at = stopsAt?.getTime();
    if (at === undefined || this.#stops.get(id) === at) return false;
    this.#stops.set(id, at);
    return true;
  }

  forget(now: Date): void {
    if (this.#stops.size < this.#forgetAt) return;
    for (const [id, at] of this.#stops) if (at <= now.getTime()) this.#stops.delete(id);
    this.#forgetAt = Math.max(FORGET_FROM, 2 * this.#stops.size);
  }
}
