/** What a transaction, or a part of the log, changed. */
export interface Changes {
  readonly keyIds: Iterable<string>;
  readonly realmIds: Iterable<string>;
  readonly hasNewSecrets: boolean;
}

/**
 * The keys and realms that have changed since they were read. Changes are numbered as the node learns of them, so that a
 * statement that was at work then counts as older than the change.
 */
export class Doubts {
  readonly #numbers = new Map<string, number>();
  #newest = 0;
  #newSecrets = 0;
  #cleared = 0;

  /** The number of the newest change: a statement that starts now sees all changes up to it. */
  get newest(): number {
    return this.#newest;
  }

  get count(): number {
    return this.#numbers.size;
  }

  /** The keys and realms in doubt. */
  ids(): Iterable<string> {
    return this.#numbers.keys();
  }

  /** Numbers a change, and marks the keys and realms that a statement at work, or the memory, may have as they were. */
  add({ keyIds, realmIds, hasNewSecrets }: Changes, mayBeOld: (id: string) => boolean): void {
    this.#newest += 1;
    for (const id of [...keyIds, ...realmIds]) if (mayBeOld(id)) this.#numbers.set(id, this.#newest);
    if (hasNewSecrets) this.#newSecrets = this.#newest;
  }

  /** Counts everything as changed, because changes may have been missed. */
  addAll(): void {
    this.#newest += 1;
    this.#newSecrets = this.#newest;
    this.#cleared = this.#newest;
    this.#numbers.clear();
  }

  has(id: string): boolean {
    return this.#numbers.size > 0 && this.#numbers.has(id);
  }

  /** Whether a statement that started after so many changes may have read something as it was before it changed. */
  mayPrecede(statement: number, ...ids: readonly string[]): boolean {
    return Math.max(this.#cleared, ...ids.map((id) => this.#numbers.get(id) ?? 0)) > statement;
  }

  /** Whether a statement that started after so many changes may have missed a new secret. */
  mayMissSecrets(statement: number): boolean {
    return this.#newSecrets > statement;
  }

  settle(id: string): void {
    this.#numbers.delete(id);
  }
}
