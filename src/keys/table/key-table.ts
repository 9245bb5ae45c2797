import { hash } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '../../domain/duration.ts';
import { addMs } from '../../domain/key.ts';
import type { Core } from '../../store/core.ts';
import { Doubts, type Changes } from './changes.ts';
import type { KnownSecret } from '../../verifier/known-secret.ts';
import { Filling } from './filling.ts';
import type { FoundKey } from '../../verifier/stored-secret.ts';
import { SecretReader } from './secret-reader.ts';
import { type HeldSecret, SecretStore } from '../../verifier/secret-store.ts';
import { UnknownDigests } from './unknown-digests.ts';

/** A node that has not read the log to its end for longer is behind: it asks the database (rule 29). */
export const BEHIND_MS = 2 * SECOND_MS;

/** How old an answer may be while the database is unavailable; after that the node answers 503 (rule 29). */
export const STALE_MS = 5 * SECOND_MS;

/**
 * A secret that was read longer ago is read again, because nodes of the release before note nothing quietly: in the
 * background when it is used, and before it is used when twice as long has passed.
 */
export const REFRESH_MS = 10 * MINUTE_MS;

/** What tells a node how far it knows the log. */
export interface Freshness {
  /** The age, in ms, of the last read that reached the log's end. */
  lagMs(): number;
  /** Resolves when all changes committed before the call are known, and were passed to `noteChanges`. */
  catchUp(): Promise<void>;
}

export interface KeyTableOptions {
  readonly freshness: Freshness;
  /** How many secrets are held at most. */
  readonly capacity: number;
  readonly onFailure: (error: unknown) => void;
  /** Called when a realm has changed, or may have. */
  readonly onRealmChange?: () => void;
}

/**
 * What a node knows of secrets and their keys, by digest: filled on demand, and updated by the log. A change marks its
 * keys as in doubt in the turn in which the node learns of it; a key in doubt is read again before it is used. Events
 * are never applied.
 */
export class KeyTable {
  readonly #core: Pick<Core, 'prisma' | 'clock'>;
  readonly #freshness: Freshness;
  readonly #onRealmChange: () => void;
  /** How many secrets are held at most. */
  readonly capacity: number;
  readonly #store: SecretStore;
  readonly #unknown = new UnknownDigests();
  readonly #doubts = new Doubts();
  readonly #reader: SecretReader;
  /** Null: the table is not being filled. */
  #filling: Filling | null = null;

  constructor(
    core: Pick<Core, 'prisma' | 'clock'>,
    { freshness, capacity, onFailure, onRealmChange = () => undefined }: KeyTableOptions,
  ) {
    this.#core = core;
    this.#onRealmChange = onRealmChange;
    this.#freshness = freshness;
    this.capacity = capacity;
    this.#store = new SecretStore(capacity);
    this.#reader = new SecretReader(core, {
      store: this.#store,
      unknown: this.#unknown,
      doubts: this.#doubts,
      onFailure,
    });
  }

  get size(): number {
    return this.#store.size;
  }

  /** What is held, without what is in doubt: for comparison with the database. */
  held(): readonly HeldSecret[] {
    return [...this.#store.values()].filter((known) => !this.#isInDoubt(known));
  }

  /** When the node last knew the log to its end. */
  knownAt(now = this.#core.clock.now()): Date {
    return addMs(now, -this.#freshness.lagMs());
  }

  /** Returns what is known of a secret by its digest, if the node may answer from it; undefined: ask `load`. */
  recall(digest: string): KnownSecret | undefined {
    const known = this.#answerable(this.#store.get(digest), BEHIND_MS);
    if (known === undefined) return undefined;
    const age = ageOf(known, this.#core.clock.now());
    if (age !== 'FRESH') void this.#reader.read(digest);
    return age === 'EXPIRED' ? undefined : known;
  }

  /** Returns the same by the text of the secret, without making its digest in hexadecimal. */
  recallText(text: string, now: Date): KnownSecret | undefined {
    const known = this.#answerable(this.#store.getByText(text), BEHIND_MS);
    if (known === undefined) return undefined;
    const age = ageOf(known, now);
    if (age !== 'FRESH') void this.#reader.read(hash('sha256', text, 'hex'));
    return age === 'EXPIRED' ? undefined : known;
  }

  /** Returns what is known of a secret while the database is unavailable, up to the stale bound. */
  recallStale(digest: string): KnownSecret | undefined {
    return this.#answerable(this.#store.get(digest), STALE_MS);
  }

  /** Returns whether it is known that no key has the secret. */
  isUnknown(digest: string): boolean {
    return this.#unknown.has(digest) && this.#freshness.lagMs() <= BEHIND_MS;
  }

  /**
   * Reads a secret from the database as it is after the call, in one statement with all others that are requested until
   * then; null: no key has it.
   *
   * @throws the error of the database, which callers tell from others by `isUnavailable`.
   */
  load(digest: string): Promise<FoundKey | null> {
    return this.#reader.read(digest);
  }

  /** Learns of all changes that were committed before the call. Returns whether that was possible. */
  async catchUp(): Promise<boolean> {
    return this.#freshness.catchUp().then(
      () => true,
      () => false,
    );
  }

  /** Marks what changed as in doubt, and reads it again. What was read before the call is not used from now on. */
  noteChanges(changes: Changes): void {
    this.#filling?.note(changes);
    let mustRead = false;
    this.#doubts.add(changes, (id) => {
      const isHeld = this.#store.holds(id);
      mustRead ||= isHeld;
      // A statement at work may have read the key before the change.
      return isHeld || this.#reader.isReading;
    });
    if (changes.hasNewSecrets) this.#unknown.clear();
    if ([...changes.realmIds].length > 0) this.#onRealmChange();
    if (mustRead) this.#reader.schedule();
  }

  /** Forgets everything, because changes may have been missed. */
  clear(): void {
    this.#filling?.interrupt('changes may have been missed');
    this.#doubts.addAll();
    this.#onRealmChange();
    this.#store.clear();
    this.#unknown.clear();
  }

  /** Begins to fill the table from a snapshot that is taken later. Ends what was filled before. */
  startFilling(): Filling {
    this.#filling?.interrupt('it was begun again');
    this.#filling = new Filling(this.#store, this.#unknown);
    return this.#filling;
  }

  endFilling(filling: Filling): void {
    if (this.#filling === filling) this.#filling = null;
  }

  /** Returns what is held of a secret, if a node whose last read of the log is not older may answer from it. */
  #answerable(held: KnownSecret | undefined, lagMaxMs: number): KnownSecret | undefined {
    if (held === undefined || this.#isInDoubt(held) || this.#freshness.lagMs() > lagMaxMs) return undefined;
    return held;
  }

  #isInDoubt(known: KnownSecret): boolean {
    return this.#doubts.count > 0 && (this.#doubts.has(known.id) || this.#doubts.has(known.realmId));
  }
}

/** Returns whether a secret was read so long ago that it is read again, in the background, or before it is used. */
function ageOf({ loadedAtMs }: KnownSecret, now: Date): 'FRESH' | 'OLD' | 'EXPIRED' {
  const ageMs = now.getTime() - loadedAtMs;
  if (ageMs <= REFRESH_MS) return 'FRESH';
  return ageMs <= 2 * REFRESH_MS ? 'OLD' : 'EXPIRED';
}
