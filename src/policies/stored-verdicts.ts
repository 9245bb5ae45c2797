import type { RawVerdict } from './read-verdict.ts';

/** The verdict of one revision of a binding on one key, from its last evaluation. */
export interface BindingVerdict {
  readonly bindingId: string;
  readonly revision: number;
  readonly hash: string;
  /** When the policy was evaluated, in milliseconds since 1970; 0: never for this key, the verdict is the binding's last bounds. */
  readonly at: number;
  /** Whether the verdict counts: its revision was enforced and in effect. */
  readonly counts: boolean;
  readonly noticeMs: number;
  /** The verdict as the policy returned it. */
  readonly raw: RawVerdict;
  /** The stops after the notice period was applied, in milliseconds since 1970; null: no such stop. */
  readonly effective: EffectiveStops;
}

export interface EffectiveStops {
  readonly cap: number | null;
  readonly hold: number | null;
  readonly expire: number | null;
}

/** The last verdicts of all bindings on one key. `Judgement.verdicts` stores them (see `serializeVerdicts`). */
export type StoredVerdicts = readonly BindingVerdict[];

/** A `BindingVerdict` as the column `Judgement.verdicts` has it: stored names differ from those of this code and stay. */
type VerdictJson = Omit<BindingVerdict, 'raw' | 'effective'> & {
  readonly said: RawVerdict;
  readonly kept: EffectiveStops;
};

const parsedVerdicts = new WeakMap<readonly VerdictJson[], StoredVerdicts>();

/**
 * Reads the stored verdicts of a key; none for a key without any. Returns the same objects each time for the same loaded row:
 * `findShortening` tells a new verdict from a previous one by identity.
 */
export function parseStoredVerdicts(row: { readonly verdicts: unknown } | null | undefined): StoredVerdicts {
  const stored = row?.verdicts as readonly VerdictJson[] | null | undefined;
  if (stored == null) return [];
  const known = parsedVerdicts.get(stored);
  if (known !== undefined) return known;
  const verdicts = stored.map(({ said, kept, ...rest }) => ({ ...rest, raw: said, effective: kept }));
  parsedVerdicts.set(stored, verdicts);
  return verdicts;
}

/** Returns verdicts as `Judgement.verdicts` stores them. */
export function serializeVerdicts(verdicts: StoredVerdicts): readonly VerdictJson[] {
  return verdicts.map(({ raw, effective, ...rest }) => ({ ...rest, said: raw, kept: effective }));
}

/** Returns the verdicts with all BY_USE stops postponed by `ms`. */
export function postponeVerdicts(verdicts: StoredVerdicts, ms: number): StoredVerdicts {
  const postpone = (at: number | null) => at && at + ms;
  return verdicts.map((verdict) => {
    const { cap, hold, expire } = verdict.effective;
    const isByUse = verdict.raw.expiry?.cap?.basis === 'BY_USE';
    const effective = { cap: isByUse ? postpone(cap) : cap, hold: postpone(hold), expire: postpone(expire) };
    return { ...verdict, effective };
  });
}

/** Returns the verdicts with the stops that the policies returned, as if there were no notice period. */
export function restoreRawStops(verdicts: StoredVerdicts): StoredVerdicts {
  return verdicts.map((verdict) => {
    const { expiry, dormancy } = verdict.raw;
    const cap = expiry?.cap?.at ?? null;
    return { ...verdict, effective: { cap, hold: dormancy?.holdAt ?? null, expire: dormancy?.expireAt ?? null } };
  });
}

/** Returns the effective moment of a binding's HARD cap, in milliseconds since 1970; null: it has none. */
export function hardCapOf({ raw, effective }: Pick<BindingVerdict, 'raw' | 'effective'>): number | null {
  return raw.expiry?.cap?.basis === 'HARD' ? effective.cap : null;
}
