import type { LRUCache } from 'lru-cache';
import { MINUTE_MS } from '../../domain/duration.ts';

/** Reads what a ByteWriter wrote. @throws RangeError at the end of the bytes */
export class ByteReader {
  readonly #bytes: Buffer;
  #next = 0;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength);
  }

  get isAtEnd(): boolean {
    return this.#next === this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#next++];
    if (value === undefined) throw new RangeError('the bytes end too soon');
    return value;
  }

  bytes(count: number): Uint8Array {
    const end = this.#next + count;
    if (end > this.#bytes.length) throw new RangeError('the bytes end too soon');
    const bytes = this.#bytes.subarray(this.#next, end);
    this.#next = end;
    return bytes;
  }

  number(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }

  milliseconds(): number {
    const value = this.number();
    return value % 2 === 0 ? (value / 2) * MINUTE_MS : (value - 1) / 2;
  }

  optional<Value>(read: () => Value): Value | null {
    return this.byte() === 0 ? null : read();
  }

  /** Returns what `read` makes of the bytes that `skip` passes over: once for the same bytes, as long as the cache has it. */
  cached(cache: LRUCache<string, string>, skip: () => void, read: () => string): string {
    const from = this.#next;
    skip();
    const end = this.#next;
    const name = this.#bytes.toString('latin1', from, end);
    const known = cache.get(name);
    if (known !== undefined) return known;
    this.#next = from;
    const value = read();
    cache.set(name, value);
    return value;
  }

  text(): string {
    return decoder.decode(this.bytes(this.number()));
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
