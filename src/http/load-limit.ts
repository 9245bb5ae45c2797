/** When to retry a request that was refused because of load, in seconds. */
export const SHED_RETRY_SECONDS = 1;

/**
 * Limits how many requests are in progress: arrived as a whole, and not yet responded to. Beyond the limit further
 * requests are refused at once, because each would only make all of them slower.
 */
export class LoadLimit {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** How many requests are in progress. */
  get count(): number {
    return this.#count;
  }

  /** Whether as many requests are in progress as may be: a further one is refused. */
  get isReached(): boolean {
    return this.#count >= this.#max;
  }

  enter(): void {
    this.#count += 1;
  }

  leave(): void {
    this.#count -= 1;
  }
}
