/** The use of one secret by one consumer since the last batch. */
export interface PendingUse {
  readonly secretId: string;
  readonly keyId: string;
  /** Empty: the verifier named none. */
  readonly consumer: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** 0: the retired secret was presented and refused. A refused attempt is never use. */
  readonly useCount: number;
}

/** Merges two records of the same secret and consumer: their whole time span and the sum of their counts. */
export function mergeUses(a: PendingUse, b: PendingUse): PendingUse {
  return {
    ...a,
    firstAt: a.firstAt < b.firstAt ? a.firstAt : b.firstAt,
    lastAt: a.lastAt < b.lastAt ? b.lastAt : a.lastAt,
    useCount: a.useCount + b.useCount,
  };
}

/** Use that is being collected. */
export type CollectedUse = { -readonly [Field in keyof PendingUse]: PendingUse[Field] };

/** Adds a record of the same secret and consumer to collected use, as `mergeUses` merges two. */
export function addUse(collected: CollectedUse, { firstAt, lastAt, useCount }: PendingUse): void {
  if (firstAt < collected.firstAt) collected.firstAt = firstAt;
  if (lastAt > collected.lastAt) collected.lastAt = lastAt;
  collected.useCount += useCount;
}
