import type { Changes } from './changes.ts';
import type { StoredSecret } from '../../verifier/stored-secret.ts';
import type { SecretStore } from '../../verifier/secret-store.ts';
import type { UnknownDigests } from './unknown-digests.ts';

/** How many keys and realms may change while a table is filled. */
const CHANGED_MAX = 100_000;

/**
 * A table that is being filled from a snapshot. What has changed since the filling began is not taken from the snapshot,
 * which may be older than the change: it is read on demand. What is held is at least as new, and stays.
 */
export class Filling {
  readonly #store: SecretStore;
  readonly #unknown: UnknownDigests;
  readonly #changed = new Set<string>();
  #interruption: string | null = null;

  constructor(store: SecretStore, unknown: UnknownDigests) {
    this.#store = store;
    this.#unknown = unknown;
  }

  /** Why nothing more may be put into the table; null: it may. */
  get interruption(): string | null {
    return this.#interruption;
  }

  note({ keyIds, realmIds }: Changes): void {
    for (const id of keyIds) this.#changed.add(id);
    for (const id of realmIds) this.#changed.add(id);
    if (this.#changed.size > CHANGED_MAX) this.interrupt('too many keys have changed meanwhile');
  }

  interrupt(reason: string): void {
    this.#interruption ??= reason;
    this.#changed.clear();
  }

  /**
   * Puts a secret of a snapshot that was taken after the filling began into the table. Returns whether there is room for
   * more.
   *
   * @throws if it was interrupted.
   */
  put(stored: StoredSecret, readAtMs: number): boolean {
    if (this.#interruption !== null) throw new Error(this.#interruption);
    if (this.#store.isFull) return false;
    const isAdded = this.#isCurrent(stored) && this.#store.add(stored, readAtMs);
    if (isAdded && this.#unknown.size > 0) this.#unknown.delete(Buffer.from(stored.digest).toString('hex'));
    return true;
  }

  /** A changed realm whose facts are held is read again by the table itself. */
  #isCurrent({ id, realmId }: StoredSecret): boolean {
    return !this.#changed.has(id) && (!this.#changed.has(realmId) || this.#store.hasRealm(realmId));
  }
}
