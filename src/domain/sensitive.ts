/** What stands for a value that must not be seen, wherever it would be printed. */
const mask = '[secret]';

/**
 * A value that does not print: as a string, in JSON, by `inspect` and in a log it reads `[secret]`. `reveal` is the one
 * way to it, so that every place that does is found by a search.
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

  // The name under which node:util's inspect asks; a symbol of the registry, so that nothing is imported for it.
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mask;
  }
}
