import type { FailedKey } from '../policies/known-fault.ts';
import type { Fault } from '../policies/runtime/runtime.ts';

/** One way in which a module fails keys. */
export interface PreviewedFault extends Fault {
  readonly keyCount: number;
  /** One of the keys that failed in this way. */
  readonly keyId: string;
}

/** How many ways a preview names. */
const MAX_REPORTED = 5;
/** How many ways are counted separately: a module may fail each key with its own message. */
const MAX_DISTINCT = 1_000;

/** Counts the ways in which a module fails keys, and how many keys each of them concerns. */
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

  /** Returns the most frequent ways, most keys first. */
  mostFrequent(): readonly PreviewedFault[] {
    return [...this.#faults.values()].toSorted((a, b) => b.keyCount - a.keyCount).slice(0, MAX_REPORTED);
  }
}
