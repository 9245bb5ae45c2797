interface Entry<Value> {
  readonly text: string;
  readonly value: Value;
  /** How many records have it. */
  useCount: number;
}

/** Values that many records share, each held once: by a text that is the same for equal values, and by a number. */
export class Interned<Value> {
  readonly #numbers = new Map<string, number>();
  readonly #entries: (Entry<Value> | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#numbers.size;
  }

  /** Returns the number of a value by its text; -1: it is not held. */
  find(text: string): number {
    return this.#numbers.get(text) ?? -1;
  }

  get(number: number): Value {
    return this.#entry(number).value;
  }

  /** Returns the number of a value for one more record. */
  take(text: string, make: () => Value): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) {
      this.#entry(known).useCount += 1;
      return known;
    }
    const number = this.#free.pop() ?? this.#entries.length;
    this.#entries[number] = { text, value: make(), useCount: 1 };
    this.#numbers.set(text, number);
    return number;
  }

  /** Lets go of a value for one record. Returns it when no record has it any more, else null. */
  release(number: number): Value | null {
    const entry = this.#entry(number);
    entry.useCount -= 1;
    if (entry.useCount > 0) return null;
    this.#numbers.delete(entry.text);
    this.#entries[number] = undefined;
    this.#free.push(number);
    return entry.value;
  }

  #entry(number: number): Entry<Value> {
    const entry = this.#entries[number];
    if (entry === undefined) throw new RangeError(`no value has the number ${number}`);
    return entry;
  }
}

/** The texts of values that cannot change. */
const texts = new WeakMap<object, string>();

/** Returns a text that is the same for equal lists. */
export function textOf(items: readonly object[]): string {
  if (!Object.isFrozen(items)) return JSON.stringify(items);
  const known = texts.get(items);
  if (known !== undefined) return known;
  const text = JSON.stringify(items);
  texts.set(items, text);
  return text;
}

/** Returns a list of the same items that cannot be changed. */
export function freezeAll<Item extends object>(items: readonly Item[]): readonly Item[] {
  if (Object.isFrozen(items)) return items;
  return Object.freeze(items.map((item) => Object.freeze({ ...item })));
}
