import type { RawVerdict } from './read-verdict.ts';

/** What one revision of a binding said of a key when it was last asked. */
export interface BindingVerdict {
  readonly bindingId: string;
  readonly revision: number;
  readonly hash: string;
  /** When it was asked, in milliseconds since 1970. */
  readonly at: number;
  /** Whether it counted: it was enforced, and in force by then. */
  readonly counts: boolean;
  readonly noticeMs: number;
  readonly said: RawVerdict;
  /** The stops that it was left with when notice had been kept; null: none. Milliseconds since 1970. */
  readonly kept: { readonly cap: number | null; readonly hold: number | null; readonly expire: number | null };
}

/** What all bindings said of a key when they were last asked, as `Judgement.verdicts` stores it. */
export type StoredVerdicts = readonly BindingVerdict[];

/** The same, with the stops that use decides moved out by so much. */
export function postponeVerdicts(judgement: StoredVerdicts, ms: number): StoredVerdicts {
  const out = (at: number | null) => at && at + ms;
  return judgement.map((entry) => {
    const { cap, hold, expire } = entry.kept;
    const isByUse = entry.said.expiry?.cap?.basis === 'BY_USE';
    return { ...entry, kept: { cap: isByUse ? out(cap) : cap, hold: out(hold), expire: out(expire) } };
  });
}

/** The same, with the stops as they were said: as if no notice were kept. */
export function restoreRawStops(judgement: StoredVerdicts): StoredVerdicts {
  return judgement.map((entry) => {
    const { expiry, dormancy } = entry.said;
    const kept = { cap: expiry?.cap?.at ?? null, hold: dormancy?.holdAt ?? null, expire: dormancy?.expireAt ?? null };
    return { ...entry, kept };
  });
}

export function parseStoredVerdicts(row: { readonly verdicts: unknown } | null | undefined): StoredVerdicts {
  return (row?.verdicts ?? []) as StoredVerdicts;
}

/** When a binding's cap by time alone comes, as it was kept; null: it has none. */
export function hardCapOf({ said, kept }: Pick<BindingVerdict, 'said' | 'kept'>): number | null {
  return said.expiry?.cap?.basis === 'HARD' ? kept.cap : null;
}
