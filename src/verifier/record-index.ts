const SHARDS = 256;
const FIRST_SIZE = 8;

/** An entry is 8 bits of the hash over the record's number and 1; 0 is an empty place. */
const RECORD_BITS = 24;
const RECORD_MASK = (1 << RECORD_BITS) - 1;

/** How many records an index can have: more than the largest capacity. */
export const RECORD_COUNT_MAX = RECORD_MASK - 1;

/** How full a shard may be, of 256 parts. */
const LOAD_MAX = 179;

/**
 * Finds records by a hash of 32 even bits: hash tables with linear probing, 4 bytes a place. A shard grows alone, so that
 * no growth stops the node for long.
 */
export class RecordIndex {
  readonly #hashOf: (record: number) => number;
  readonly #shards: (Int32Array | undefined)[] = Array.from({ length: SHARDS }, () => undefined);
  readonly #counts = new Int32Array(SHARDS);

  /** `hashOf` returns the hash of a record that is in the index. */
  constructor(hashOf: (record: number) => number) {
    this.#hashOf = hashOf;
  }

  /** Returns the first record of a hash that matches; -1: none does. */
  find(hash: number, matches: (record: number) => boolean): number {
    const shard = this.#shards[hash & (SHARDS - 1)];
    if (shard === undefined) return -1;
    const tag = hash >>> RECORD_BITS;
    const mask = shard.length - 1;
    for (let at = (hash >>> 8) & mask; ; at = (at + 1) & mask) {
      const entry = shard[at] ?? 0;
      if (entry === 0) return -1;
      if (entry >>> RECORD_BITS !== tag) continue;
      const record = (entry & RECORD_MASK) - 1;
      if (matches(record)) return record;
    }
  }

  /** Returns all records of a hash that match. */
  findAll(hash: number, matches: (record: number) => boolean): readonly number[] {
    const found: number[] = [];
    this.find(hash, (record) => {
      if (matches(record)) found.push(record);
      return false;
    });
    return found;
  }

  /** Adds a record that is not in the index. */
  add(hash: number, record: number): void {
    const number = hash & (SHARDS - 1);
    const shard = (this.#shards[number] ??= new Int32Array(FIRST_SIZE));
    const count = (this.#counts[number] ?? 0) + 1;
    this.#counts[number] = count;
    place(count * 256 > shard.length * LOAD_MAX ? this.#grow(number, shard) : shard, hash, record);
  }

  /** Removes a record that is in the index. */
  remove(hash: number, record: number): void {
    const number = hash & (SHARDS - 1);
    const shard = this.#shards[number];
    if (shard === undefined) return;
    const mask = shard.length - 1;
    let hole = (hash >>> 8) & mask;
    while (((shard[hole] ?? 0) & RECORD_MASK) - 1 !== record) {
      if (shard[hole] === 0) return;
      hole = (hole + 1) & mask;
    }
    this.#counts[number] = (this.#counts[number] ?? 0) - 1;
    // Entries behind the hole move up, as far as each may: a search ends at an empty place.
    for (let at = (hole + 1) & mask; shard[at] !== 0; at = (at + 1) & mask) {
      const entry = shard[at] ?? 0;
      const home = (this.#hashOf((entry & RECORD_MASK) - 1) >>> 8) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      shard[hole] = entry;
      hole = at;
    }
    shard[hole] = 0;
  }

  #grow(number: number, shard: Int32Array): Int32Array {
    const grown = new Int32Array(shard.length * 2);
    for (const entry of shard) {
      const record = (entry & RECORD_MASK) - 1;
      if (entry !== 0) place(grown, this.#hashOf(record), record);
    }
    this.#shards[number] = grown;
    return grown;
  }
}

function place(shard: Int32Array, hash: number, record: number): void {
  const mask = shard.length - 1;
  let at = (hash >>> 8) & mask;
  while (shard[at] !== 0) at = (at + 1) & mask;
  shard[at] = ((hash >>> RECORD_BITS) << RECORD_BITS) | (record + 1);
}
