import { MINUTE_MS } from '../../domain/duration.ts';

/** Writes values one after the other as bytes. Numbers take as few bytes as they need. */
export class ByteWriter {
  #bytes = new Uint8Array(512);
  #length = 0;

  /** Discards what was written. */
  clear(): void {
    this.#length = 0;
  }

  /** Returns a copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  byte(value: number): void {
    this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(values: Uint8Array): void {
    this.#grow(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  /** Writes a whole number from 0 to 2^53 - 1: seven bits a byte, the lowest first. */
  number(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Writes milliseconds. Whole minutes take fewer bytes. */
  milliseconds(value: number): void {
    const minutes = value / MINUTE_MS;
    // Twice the value must stay exact.
    if (Number.isInteger(minutes)) this.number(minutes * 2);
    else if (value < 2 ** 52) this.number(value * 2 + 1);
    else throw new RangeError('a moment or duration is too large');
  }

  /** Writes a value that may be null: a byte, then the value. */
  optional<Value>(value: Value | null, write: (value: Value) => void): void {
    this.byte(value === null ? 0 : 1);
    if (value !== null) write(value);
  }

  text(value: string): void {
    const bytes = encoder.encode(value);
    this.number(bytes.length);
    this.bytes(bytes);
  }

  #grow(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const bytes = new Uint8Array(2 * (this.#bytes.length + count));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

const encoder = new TextEncoder();
