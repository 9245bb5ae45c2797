import { RECORD_WORDS, Word } from './record-layout.ts';

/** How many records are in a chunk: 1.25 MiB. */
const CHUNK_BITS = 13;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;

/** What is in the flags of a record that is not used. Used ones have no negative flags. */
const UNUSED = -1;

/** Records of fixed size by number, in chunks, so that growth copies nothing. Removed ones are used again. */
export class Records {
  readonly #chunks: Int32Array[] = [];
  /** How many numbers were ever used. */
  #end = 0;
  /** The last record that was removed, which names the one before it; -1: none. */
  #free = -1;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The numbers of all records are below it. */
  get end(): number {
    return this.#end;
  }

  /** Writes a whole record. Returns its number. */
  add(words: Int32Array): number {
    const record = this.#free < 0 ? this.#end : this.#free;
    const isNew = record === this.#end;
    if (isNew) this.#end += 1;
    else this.#free = this.read(record, 0);
    if (isNew && (record & CHUNK_MASK) === 0) this.#chunks.push(new Int32Array(RECORD_WORDS << CHUNK_BITS));
    this.write(record, words);
    this.#count += 1;
    return record;
  }

  remove(record: number): void {
    this.set(record, Word.flags, UNUSED);
    this.set(record, 0, this.#free);
    this.#free = record;
    this.#count -= 1;
  }

  isUsed(record: number): boolean {
    return record < this.#end && this.read(record, Word.flags) !== UNUSED;
  }

  read(record: number, word: number): number {
    return this.chunkOf(record)[this.startOf(record) + word] ?? 0;
  }

  set(record: number, word: number, value: number): void {
    this.chunkOf(record)[this.startOf(record) + word] = value;
  }

  /** Returns whether the record begins with these eight words. Takes the same time wherever they differ. */
  beginsWith(record: number, words: Int32Array): boolean {
    const chunk = this.chunkOf(record);
    const start = this.startOf(record);
    return (
      (((chunk[start] ?? 0) ^ (words[0] ?? 0)) |
        ((chunk[start + 1] ?? 0) ^ (words[1] ?? 0)) |
        ((chunk[start + 2] ?? 0) ^ (words[2] ?? 0)) |
        ((chunk[start + 3] ?? 0) ^ (words[3] ?? 0)) |
        ((chunk[start + 4] ?? 0) ^ (words[4] ?? 0)) |
        ((chunk[start + 5] ?? 0) ^ (words[5] ?? 0)) |
        ((chunk[start + 6] ?? 0) ^ (words[6] ?? 0)) |
        ((chunk[start + 7] ?? 0) ^ (words[7] ?? 0))) ===
      0
    );
  }

  /** Returns whether the record has these words from one on. Takes the same time wherever they differ. */
  hasWords(record: number, word: number, words: Int32Array, count: number): boolean {
    const chunk = this.chunkOf(record);
    const start = this.startOf(record) + word;
    let difference = 0;
    for (let index = 0; index < count; index += 1) {
      difference |= (chunk[start + index] ?? 0) ^ (words[index] ?? 0);
    }
    return difference === 0;
  }

  /** The chunk that a record is in. */
  chunkOf(record: number): Int32Array {
    const chunk = this.#chunks[record >>> CHUNK_BITS];
    if (chunk === undefined) throw new RangeError(`no record has the number ${record}`);
    return chunk;
  }

  /** Where the record begins in its chunk. */
  startOf(record: number): number {
    return (record & CHUNK_MASK) * RECORD_WORDS;
  }

  protected write(record: number, words: Int32Array): void {
    this.chunkOf(record).set(words, this.startOf(record));
  }
}
