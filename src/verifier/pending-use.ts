/** A secret that was used, and its key: a key that memory or the database knows, or a caller. */
export interface UsedSecret {
  /** The key's id. */
  readonly id: string;
  readonly secretId: string;
  /**
   * 52 and 44 bits of the secret's id, among them all that are random. They tell secrets apart without their texts, which
   * cost more to make and to compare than all the rest of a use. Undefined: the secret is known by its text.
   */
  readonly secretLow?: number | undefined;
  readonly secretHigh?: number | undefined;
  readonly generation?: number;
}

/** The use of one secret by one consumer on one day, since the last batch. */
export interface PendingUse {
  readonly secretId: string;
  readonly keyId: string;
  /** Empty: the verifier named none. */
  readonly consumer: string;
  /** Days since 1970 (UTC). */
  readonly day: number;
  /** In ms since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** 0: the retired secret was presented and refused. A refused attempt is never use. */
  readonly useCount: number;
  /** The secret's generation, where the first use named it. */
  readonly generation?: number | undefined;
}

/** Merges two records of the same secret, consumer and day: their whole time span and the sum of their counts. */
export function mergeUses(a: PendingUse, b: PendingUse): PendingUse {
  return {
    ...a,
    firstMs: Math.min(a.firstMs, b.firstMs),
    lastMs: Math.max(a.lastMs, b.lastMs),
    useCount: a.useCount + b.useCount,
  };
}

/** Merges uses of the same secret, consumer and day. Accepted use and reuse of a retired secret stay separate. */
export function mergeBatch(batch: readonly PendingUse[]): PendingUse[] {
  const merged = new Map<string, PendingUse>();
  for (const use of batch) {
    const name = `${use.useCount > 0} ${use.day} ${use.secretId} ${use.consumer}`;
    const before = merged.get(name);
    merged.set(name, before === undefined ? use : mergeUses(before, use));
  }
  return [...merged.values()];
}
