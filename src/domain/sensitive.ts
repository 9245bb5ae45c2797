/** What is printed instead of a sensitive value. */
const mask = '[secret]';

/**
 * A value that prints as `[secret]`: as a string, in JSON, in `inspect` and in a log. Only `reveal` returns the value, so that a
 * search finds every place that uses it.
 */
export class Sensitive<Value> {
  readonly #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  reveal(): Value {
    return this.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [Symbol.toPrimitive](): string {
    return mask;
  }

  // The symbol that node:util's inspect calls. It is in the global registry, so that node:util need not be imported.
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mask;
  }
}
