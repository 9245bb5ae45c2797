import { SECOND_MS } from '../../domain/duration.ts';
import { withTimeout } from '../../log/with-timeout.ts';
import type { Core } from '../../store/core.ts';
import type { Doubts } from './changes.ts';
import { loadRealmFacts, loadSecrets } from './load-secrets.ts';
import type { FoundKey, StoredSecret } from '../../verifier/stored-secret.ts';
import type { SecretStore } from '../../verifier/secret-store.ts';
import type { UnknownDigests } from './unknown-digests.ts';

const LOAD_TIMEOUT_MS = 2 * SECOND_MS;
const RETRY_MS = SECOND_MS;

/** About how many secrets one statement reads: as many requested ones, and as many of keys in doubt. */
const LOAD_MAX = 1_000;

interface Waiting {
  readonly promise: Promise<FoundKey | null>;
  readonly resolve: (found: FoundKey | null) => void;
  readonly reject: (error: unknown) => void;
}

type ReaderCore = Pick<Core, 'prisma' | 'clock'>;

/** What a reader fills, and what tells it what is out of date. */
export interface ReaderParts {
  readonly store: SecretStore;
  readonly unknown: UnknownDigests;
  readonly doubts: Doubts;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Reads secrets for a table: requested ones, and those of keys in doubt. One statement is at work at a time, so
 * an older read never overwrites a newer one, and what is requested meanwhile is read by the next.
 */
export class SecretReader {
  readonly #core: ReaderCore;
  readonly #store: SecretStore;
  readonly #unknown: UnknownDigests;
  readonly #doubts: Doubts;
  readonly #onFailure: (error: unknown) => void;
  #waiting = new Map<string, Waiting>();
  #isReading = false;
  #isScheduled = false;
  #hasFailed = false;

  constructor(core: ReaderCore, { store, unknown, doubts, onFailure }: ReaderParts) {
    this.#core = core;
    this.#store = store;
    this.#unknown = unknown;
    this.#doubts = doubts;
    this.#onFailure = onFailure;
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  /**
   * Reads a secret by a statement that starts after the call; null: no key has it. A statement at work does not do: it
   * may have read the secret before a change that was committed before the call.
   */
  read(digest: string): Promise<FoundKey | null> {
    const joined = this.#waiting.get(digest);
    if (joined !== undefined) return joined.promise;
    const waiting = Promise.withResolvers<FoundKey | null>();
    waiting.promise.catch(() => undefined);
    this.#waiting.set(digest, waiting);
    this.schedule();
    return waiting.promise;
  }

  /** Starts the next statement when this turn ends, or when the one at work has ended. */
  schedule(): void {
    if (this.#isScheduled || this.#isReading) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const asked = new Map([...this.#waiting].slice(0, LOAD_MAX));
    for (const digest of asked.keys()) this.#waiting.delete(digest);
    const { ids, digests } = this.#pickDoubts();
    const number = this.#doubts.newest;
    this.#isReading = true;
    try {
      const startedAtMs = this.#core.clock.now().getTime();
      const [stored, realms] = await withTimeout(
        LOAD_TIMEOUT_MS,
        Promise.all([
          loadSecrets(this.#core, [...new Set([...asked.keys(), ...digests])]),
          loadRealmFacts(
            this.#core,
            ids.filter((id) => this.#store.hasRealm(id)),
          ),
        ]),
      );
      for (const facts of realms) if (!this.#doubts.mayPrecede(number, facts.id)) this.#store.setRealm(facts);
      this.#settle(ids, number);
      this.#take(stored, number, startedAtMs, asked);
      this.#hasFailed = false;
    } catch (error) {
      // Reported once, however many statements fail until one succeeds.
      if (!this.#hasFailed) this.#onFailure(error);
      this.#hasFailed = true;
      for (const { reject } of asked.values()) reject(error);
    }
    this.#isReading = false;
    this.#dropIdleDoubts();
    if (this.#waiting.size > 0) this.schedule();
    else if (this.#doubts.count > 0) this.#readDoubtsAgain();
  }

  /** Returns the keys and realms in doubt that are read next, with the held secrets of the keys. */
  #pickDoubts(): { readonly ids: readonly string[]; readonly digests: readonly string[] } {
    const ids: string[] = [];
    const digests: string[] = [];
    for (const id of this.#doubts.ids()) {
      if (digests.length >= LOAD_MAX) break;
      ids.push(id);
      digests.push(...this.#store.digestsOf(id));
    }
    return { ids, digests };
  }

  /** Lets go of what was in doubt and was read: its secrets are put back as they are now. */
  #settle(ids: readonly string[], number: number): void {
    for (const id of ids) {
      if (this.#doubts.mayPrecede(number, id)) continue;
      this.#store.removeKey(id);
      this.#doubts.settle(id);
    }
  }

  /** Holds what was read, except what has changed since, and answers those who wait. */
  #take(
    stored: readonly StoredSecret[],
    number: number,
    startedAtMs: number,
    asked: ReadonlyMap<string, Waiting>,
  ): void {
    const found = new Map(stored.map((one) => [Buffer.from(one.digest).toString('hex'), one]));
    for (const [digest, one] of found) {
      if (this.#doubts.mayPrecede(number, one.id, one.realmId)) continue;
      this.#store.put(one, startedAtMs);
      this.#unknown.delete(digest);
    }
    for (const [digest, { resolve }] of asked) {
      const one = found.get(digest) ?? null;
      if (one === null && !this.#doubts.mayMissSecrets(number)) this.#unknown.add(digest);
      resolve(one);
    }
  }

  /** Forgets doubts about what is not held: it is read on request. */
  #dropIdleDoubts(): void {
    for (const id of this.#doubts.ids()) if (!this.#store.holds(id)) this.#doubts.settle(id);
  }

  #readDoubtsAgain(): void {
    if (this.#hasFailed) this.#core.clock.after(RETRY_MS, () => this.schedule());
    else this.schedule();
  }
}
