import { formatDigest, parseDigest, writeDigest, writeDigestOf } from './digest-words.ts';
import { hashIdWords } from './id-words.ts';
import type { KnownSecret } from './known-secret.ts';
import type { StoredSecret, VerifiedRealm } from './stored-secret.ts';
import { RecordIndex } from './record-index.ts';
import { DIGEST_WORDS, Flag, RECORD_WORDS, Word, writeFacts } from './record-layout.ts';
import { RecordView } from './record-view.ts';
import { Records } from './records.ts';
import { SharedValues } from './shared-values.ts';

const KEY_ID_WORDS = 4;

/** A secret in memory with its digest. */
export type HeldSecret = KnownSecret & { readonly digest: Uint8Array };

/** What a store is made of. */
export interface StoreParts {
  readonly createRecords: () => Records;
  readonly createIndex: (hashOf: (record: number) => number) => RecordIndex;
  readonly createValues: () => SharedValues;
}

const flatParts: StoreParts = {
  createRecords: () => new Records(),
  createIndex: (hashOf) => new RecordIndex(hashOf),
  createValues: () => new SharedValues(),
};

/**
 * The secrets in memory: by digest and by key, at most so many. Those that were not used for longest go first. They are
 * records of fixed size and not objects, so that a million of them are small and the garbage collector does not visit
 * them.
 */
export class SecretStore {
  readonly #capacity: number;
  readonly #parts: StoreParts;
  #records: Records;
  #values: SharedValues;
  /** What is read where it is: one for all look-ups. */
  #view: RecordView;
  #byDigest: RecordIndex;
  #byKey: RecordIndex;
  /** The record that is next considered for removal. */
  #hand = 0;
  /** A record before it is written, and what is searched for. */
  readonly #draft = new Int32Array(RECORD_WORDS);
  readonly #sought = new Int32Array(DIGEST_WORDS);
  #soughtFlag = 0;
  readonly #hasDigest = (record: number) => this.#records.beginsWith(record, this.#sought);
  readonly #hasKey = (record: number) =>
    this.#records.hasWords(record, Word.keyId, this.#sought, KEY_ID_WORDS) &&
    (this.#records.read(record, Word.flags) & Flag.hasKeyText) === this.#soughtFlag;

  /** `capacity`: how many secrets are held at most. */
  constructor(capacity: number, parts: StoreParts = flatParts) {
    this.#capacity = capacity;
    this.#parts = parts;
    this.#records = parts.createRecords();
    this.#values = parts.createValues();
    this.#view = new RecordView(this.#values);
    this.#byDigest = this.#createIndex(Word.digest);
    this.#byKey = this.#createIndex(Word.keyId);
  }

  get size(): number {
    return this.#records.count;
  }

  get isFull(): boolean {
    return this.#records.count >= this.#capacity;
  }

  /** How many values are held that records share. */
  get sharedSize(): number {
    return this.#values.size;
  }

  /** Returns a secret by its digest, in hexadecimal, and counts it as used. */
  get(digest: string): KnownSecret | undefined {
    return this.#use(this.#find(digest))?.copy();
  }

  /** Returns a secret by its text, and counts it as used. */
  getByText(text: string): KnownSecret | undefined {
    return this.view(text)?.copy();
  }

  /** Returns a secret by its text, read where it is, and counts it as used. The next look-up or change ends the view. */
  view(text: string): RecordView | undefined {
    writeDigestOf(text, this.#sought);
    return this.#use(this.#findSought());
  }

  /** Returns a secret by its digest, in hexadecimal, as `view` does by its text. */
  viewDigest(digest: string): RecordView | undefined {
    return this.#use(this.#find(digest));
  }

  /** All secrets, for comparison with the database. */
  *values(): Iterable<HeldSecret> {
    for (let record = 0; record < this.#records.end; record += 1) {
      if (!this.#records.isUsed(record)) continue;
      const digest = Uint8Array.from(Buffer.from(this.#digestOf(record), 'hex'));
      yield Object.assign(this.#toKnown(record), { digest });
    }
  }

  /** Returns the digests of the held secrets of a key. */
  digestsOf(keyId: string): readonly string[] {
    return this.#recordsOf(keyId).map((record) => this.#digestOf(record));
  }

  /** Whether a secret of the key, or of a key of the realm, is held. */
  holds(id: string): boolean {
    return this.hasRealm(id) || this.#recordsOf(id).length > 0;
  }

  hasRealm(realmId: string): boolean {
    return this.#values.realm(realmId) !== undefined;
  }

  setRealm(facts: VerifiedRealm): void {
    const realm = this.#values.realm(facts.id);
    if (realm !== undefined) realm.facts = facts;
  }

  /** Holds a secret in place of what was held under its digest, if its facts fit into a record. */
  put(stored: StoredSecret, loadedAtMs: number): void {
    const held = this.#findBytes(stored.digest);
    if (held >= 0) this.#remove(held);
    this.add(stored, loadedAtMs);
  }

  /** Holds a secret, if its facts fit, unless one is held under its digest. Returns whether none was. */
  add(stored: StoredSecret, loadedAtMs: number): boolean {
    if (this.#findBytes(stored.digest) >= 0) return false;
    const draft = this.#draft;
    if (!writeDigest(stored.digest, draft) || !writeFacts(stored, loadedAtMs, draft)) return true;
    if (this.isFull) this.#removeOldest();
    this.#values.take(stored, draft);
    const record = this.#records.add(draft);
    this.#byDigest.add(this.#hashOf(record, Word.digest), record);
    this.#byKey.add(this.#hashOf(record, Word.keyId), record);
    return true;
  }

  removeKey(keyId: string): void {
    for (const record of this.#recordsOf(keyId)) this.#remove(record);
  }

  clear(): void {
    this.#records = this.#parts.createRecords();
    this.#values = this.#parts.createValues();
    this.#view = new RecordView(this.#values);
    this.#byDigest = this.#createIndex(Word.digest);
    this.#byKey = this.#createIndex(Word.keyId);
    this.#hand = 0;
  }

  #createIndex(word: number): RecordIndex {
    return this.#parts.createIndex((record) => this.#hashOf(record, word));
  }

  /** Digests and the ends of ids are random; the words of an id are mixed, because it begins with the time. */
  #hashOf(record: number, word: number): number {
    if (word === Word.digest) return this.#records.read(record, word);
    const read = (index: number) => this.#records.read(record, word + index);
    return hashIdWords(read(0), read(1), read(2), read(3));
  }

  #find(digest: string): number {
    return parseDigest(digest, this.#sought) ? this.#findSought() : -1;
  }

  #findBytes(digest: Uint8Array): number {
    return writeDigest(digest, this.#sought) ? this.#findSought() : -1;
  }

  #findSought(): number {
    return this.#byDigest.find(this.#sought[0] ?? 0, this.#hasDigest);
  }

  #recordsOf(keyId: string): readonly number[] {
    const sought = this.#sought;
    this.#soughtFlag = this.#values.writeKeyId(keyId, sought);
    if (this.#soughtFlag < 0) return [];
    const hash = hashIdWords(sought[0] ?? 0, sought[1] ?? 0, sought[2] ?? 0, sought[3] ?? 0);
    return this.#byKey.findAll(hash, this.#hasKey);
  }

  #use(record: number): RecordView | undefined {
    if (record < 0) return undefined;
    const chunk = this.#records.chunkOf(record);
    const start = this.#records.startOf(record);
    const flags = chunk[start + Word.flags] ?? 0;
    if ((flags & Flag.wasUsed) === 0) chunk[start + Word.flags] = flags | Flag.wasUsed;
    return this.#view.moveTo(record, chunk, start);
  }

  #toKnown(record: number): KnownSecret {
    return this.#view.moveTo(record, this.#records.chunkOf(record), this.#records.startOf(record)).copy();
  }

  #digestOf(record: number): string {
    return formatDigest((word) => this.#records.read(record, word));
  }

  #remove(record: number): void {
    this.#byDigest.remove(this.#hashOf(record, Word.digest), record);
    this.#byKey.remove(this.#hashOf(record, Word.keyId), record);
    this.#values.release((word) => this.#records.read(record, word));
    this.#records.remove(record);
  }

  /** Removes the next secret that was not used since it was considered last. */
  #removeOldest(): void {
    for (;;) {
      const record = this.#hand < this.#records.end ? this.#hand : 0;
      this.#hand = record + 1;
      if (!this.#records.isUsed(record)) continue;
      const flags = this.#records.read(record, Word.flags);
      if ((flags & Flag.wasUsed) === 0) return this.#remove(record);
      this.#records.set(record, Word.flags, flags & ~Flag.wasUsed);
    }
  }
}
