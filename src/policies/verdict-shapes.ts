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

/** The last verdicts of all bindings on one key. A row of `Judgement` stores them (see `judgementRow`). */
export type StoredVerdicts = readonly BindingVerdict[];
