import { MINUTE_MS } from '../../domain/duration.ts';

/** Reads what a ByteWriter wrote. @throws RangeError at the end of the bytes */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #next = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
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

  text(): string {
    return decoder.decode(this.bytes(this.number()));
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
