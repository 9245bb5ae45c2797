import type { Freeze, Realm } from '../../prisma/generated/client/client.ts';
import { decideVerdict } from '../domain/decide-verdict.ts';
import { uniteFreezes } from '../domain/freeze.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { BindingVerdict, StoredVerdicts } from './stored-verdicts.ts';
import { readVerdict, realmVerdict } from './read-verdict.ts';

/** What the words of all bindings, as they are stored, mean together. Nobody is asked. */
export function combineVerdicts(
  realm: Realm & { readonly freezes: readonly Freeze[] },
  judgement: StoredVerdicts,
): Verdict {
  return decideVerdict({ ...realmRulesOf(realm), freezes: uniteFreezes(realm.freezes) }, countingVerdicts(judgement));
}

/** The same, as if there were no freezes. */
export function combineWithoutFreezes(realm: Realm, judgement: StoredVerdicts): Verdict {
  return decideVerdict({ ...realmRulesOf(realm), freezes: [] }, countingVerdicts(judgement));
}

function realmRulesOf(realm: Realm) {
  return { bounds: realmVerdict(realm), longestShiftMs: Number(realm.longestShiftMs) };
}

function countingVerdicts(judgement: StoredVerdicts): readonly Verdict[] {
  return judgement.filter(({ counts }) => counts).map(effectiveVerdict);
}

/** What a binding says with notice kept, as its entry stores it. */
export function effectiveVerdict({ bindingId, raw, effective }: BindingVerdict): Verdict {
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
