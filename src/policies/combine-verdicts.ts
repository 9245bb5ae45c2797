import type { Freeze, Realm } from '../../prisma/generated/client/client.ts';
import { decideVerdict, type RealmRules } from '../domain/decide-verdict.ts';
import { uniteFreezes } from '../domain/freeze.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { BindingVerdict, StoredVerdicts } from './stored-verdicts.ts';
import { readVerdict, realmVerdict } from './read-verdict.ts';

type RealmWithFreezes = Realm & { readonly freezes: readonly Freeze[] };

const combined = new WeakMap<RealmWithFreezes, WeakMap<StoredVerdicts, Verdict>>();

/**
 * Combines stored verdicts into the verdict of the realm. Evaluates no policy. The verdict is computed once for the same
 * loaded realm and the same list of verdicts; neither may be changed.
 */
export function combineVerdicts(realm: RealmWithFreezes, verdicts: StoredVerdicts): Verdict {
  const known = combined.get(realm)?.get(verdicts);
  if (known !== undefined) return known;
  const verdict = combine(realm, verdicts);
  rememberVerdict(realm, verdicts, verdict);
  return verdict;
}

/** Remembers a verdict that was combined for the same realm, read in another statement. */
export function rememberVerdict(realm: RealmWithFreezes, verdicts: StoredVerdicts, verdict: Verdict): void {
  const known = combined.get(realm) ?? new WeakMap<StoredVerdicts, Verdict>();
  combined.set(realm, known);
  known.set(verdicts, verdict);
}

const rules = new WeakMap<RealmWithFreezes, RealmRules>();

function combine(realm: RealmWithFreezes, verdicts: StoredVerdicts): Verdict {
  return decideVerdict(rulesOf(realm), countingVerdicts(verdicts));
}

function rulesOf(realm: RealmWithFreezes): RealmRules {
  const known = rules.get(realm) ?? { ...realmRulesOf(realm), freezes: uniteFreezes(realm.freezes) };
  rules.set(realm, known);
  return known;
}

/** Combines verdicts as if each of them counted, without remembering the result. */
export function combineAll(realm: RealmWithFreezes, verdicts: StoredVerdicts): Verdict {
  return decideVerdict(rulesOf(realm), verdicts.map(effectiveVerdict));
}

/** Combines stored verdicts without shifting stops out of freezes. */
export function combineWithoutFreezes(realm: Realm, verdicts: StoredVerdicts): Verdict {
  return decideVerdict({ ...realmRulesOf(realm), freezes: [] }, countingVerdicts(verdicts));
}

function realmRulesOf(realm: Realm) {
  return { bounds: realmVerdict(realm), longestShiftMs: Number(realm.longestShiftMs) };
}

function countingVerdicts(verdicts: StoredVerdicts): readonly Verdict[] {
  return verdicts.filter(({ counts }) => counts).map(effectiveVerdict);
}

const effectiveVerdicts = new WeakMap<BindingVerdict, Verdict>();

/** Returns a binding's verdict with its effective stops, that is after the notice period was applied. */
export function effectiveVerdict(verdict: BindingVerdict): Verdict {
  const known = effectiveVerdicts.get(verdict);
  if (known !== undefined) return known;
  const made = makeEffective(verdict);
  effectiveVerdicts.set(verdict, made);
  return made;
}

/** Remembers a binding's verdict with its effective stops, from which `verdict` was made. */
export function rememberEffective(verdict: BindingVerdict, effective: Verdict): void {
  effectiveVerdicts.set(verdict, effective);
}

function makeEffective({ bindingId, raw, effective }: BindingVerdict): Verdict {
  const verdict = readVerdict(raw, bindingId);
  const at = <M extends { readonly at: Date }>(moment: M | null, ms: number | null): M | null =>
    moment && ms !== null ? { ...moment, at: new Date(ms) } : null;
  return {
    ...verdict,
    cap: at(verdict.cap, effective.cap),
    hold: at(verdict.hold, effective.hold),
    expire: at(verdict.expire, effective.expire),
  };
}
