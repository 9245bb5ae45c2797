import type { Outcome } from '../domain/verification.ts';
import type { PendingUse, UsedSecret } from '../verifier/pending-use.ts';
import { PendingUses } from '../verifier/pending-uses.ts';

/** How many secrets, and further consumers of them, are pending before they are written at once. */
const LIMITS = { secrets: 10_000, consumers: 10_000 };

/** How many refusals of different kinds are pending at most: further ones are not counted while the database is unavailable. */
const MOST = 50_000;

/** Why a secret was refused. */
export interface RefusalKind {
  readonly outcome: Exclude<Outcome, 'VALID' | 'KEY_UNKNOWN'>;
  /** Whether the outcome is KEY_HELD, and policies alone held the key. */
  readonly heldByPolicy: boolean;
}

/** The refusals of one secret and consumer, for one reason, since the last batch. `useCount` counts them. */
export type PendingRefusal = PendingUse & RefusalKind;

/** Refusals of known keys in memory. They are statistics: what does not fit is dropped, so that a flood fills no memory. */
export class PendingRefusals {
  readonly #byKind = new Map<string, { readonly kind: RefusalKind; readonly pending: PendingUses }>();

  get size(): number {
    return this.#all().reduce((sum, { pending }) => sum + pending.size, 0);
  }

  get isFull(): boolean {
    return this.#all().some(({ pending }) => pending.isFull);
  }

  add(used: UsedSecret, kind: RefusalKind, consumer: string, atMs: number): void {
    this.#add(used, kind, consumer, atMs, atMs, 1);
  }

  /** Adds a refusal that was taken, if it fits. */
  putBack({ keyId, secretId, consumer, firstMs, lastMs, useCount, outcome, heldByPolicy }: PendingRefusal): void {
    this.#add({ id: keyId, secretId }, { outcome, heldByPolicy }, consumer, firstMs, lastMs, useCount);
  }

  /** Removes all refusals, and returns them. */
  take(): readonly PendingRefusal[] {
    return this.#all().flatMap(({ kind, pending }) => pending.take().map((use) => ({ ...use, ...kind })));
  }

  #add(used: UsedSecret, kind: RefusalKind, consumer: string, firstMs: number, lastMs: number, count: number): void {
    const name = kind.heldByPolicy ? `${kind.outcome} POLICY` : kind.outcome;
    let found = this.#byKind.get(name);
    if (found === undefined) {
      found = { kind: { outcome: kind.outcome, heldByPolicy: kind.heldByPolicy }, pending: new PendingUses(LIMITS) };
      this.#byKind.set(name, found);
    }
    if (found.pending.size < MOST) found.pending.add(used, consumer, firstMs, lastMs, count);
  }

  #all() {
    return [...this.#byKind.values()];
  }
}
