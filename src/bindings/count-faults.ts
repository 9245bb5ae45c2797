import type { FailedKey } from '../policies/known-fault.ts';
import type { Fault } from '../policies/runtime/runtime.ts';

/** A fault of a module, and the keys for which it occurs. */
export interface PreviewedFault extends Fault {
  readonly keyCount: number;
  /** One of these keys. */
  readonly keyId: string;
}

/** How many faults a preview names. */
const MAX_REPORTED = 5;
/** How many faults are counted separately: a module may fail with a different message for each key. */
const MAX_DISTINCT = 1_000;

/** Counts the faults of a module, and the keys for which each occurs. */
export class FaultCounts {
  keyCount = 0;
  readonly #faults = new Map<string, PreviewedFault>();

  add(failed: readonly FailedKey[]): void {
    this.keyCount += failed.length;
    for (const { kind, message, keyId } of failed) {
      const name = `${kind} ${message}`;
      const known = this.#faults.get(name);
      if (known === undefined && this.#faults.size >= MAX_DISTINCT) continue;
      this.#faults.set(name, { kind, message, keyId: known?.keyId ?? keyId, keyCount: (known?.keyCount ?? 0) + 1 });
    }
  }

  /** Returns the faults that occur for the most keys, most frequent first; at most 5. */
  listMostFrequent(): readonly PreviewedFault[] {
    return [...this.#faults.values()].toSorted((a, b) => b.keyCount - a.keyCount).slice(0, MAX_REPORTED);
  }
}
