/** How many digests that no key has are remembered. */
const UNKNOWN_MAX = 10_000;

/** Digests that no key has, as the database has answered. Those that came first go first. */
export class UnknownDigests {
  readonly #digests = new Set<string>();

  get size(): number {
    return this.#digests.size;
  }

  has(digest: string): boolean {
    return this.#digests.has(digest);
  }

  add(digest: string): void {
    if (this.#digests.size >= UNKNOWN_MAX) this.#digests.delete(this.#digests.values().next().value ?? '');
    this.#digests.add(digest);
  }

  delete(digest: string): void {
    this.#digests.delete(digest);
  }

  /** Forgets all, because a secret was created. */
  clear(): void {
    this.#digests.clear();
  }
}
