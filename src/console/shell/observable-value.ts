import { useSyncExternalStore } from 'react';

/** A value that components read and that changes outside of them. */
export class ObservableValue<Value> {
  #value: Value;
  readonly #listeners = new Set<() => void>();

  constructor(value: Value) {
    this.#value = value;
  }

  readonly get = (): Value => this.#value;

  set(value: Value): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  /** Calls a listener after each change. Returns what ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
}

/** Returns the value of a store, and renders the component again when it changes. */
export function useStore<Value>(store: ObservableValue<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get);
}
