import type { Freeze, Realm } from '../../prisma/generated/client/client.ts';
import { decide } from '../domain/decide.ts';
import { unite } from '../domain/freeze.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { BindingVerdict, StoredJudgement } from './judgement.ts';
import { readVerdict, realmVerdict } from './read-verdict.ts';

/** What the words of all bindings, as they are stored, mean together. Nobody is asked. */
export function recall(realm: Realm & { readonly freezes: readonly Freeze[] }, judgement: StoredJudgement): Verdict {
  return decide({ ...groundOf(realm), freezes: unite(realm.freezes) }, counted(judgement));
}

/** The same, as if there were no freezes. */
export function recallUnplaced(realm: Realm, judgement: StoredJudgement): Verdict {
  return decide({ ...groundOf(realm), freezes: [] }, counted(judgement));
}

function groundOf(realm: Realm) {
  return { bounds: realmVerdict(realm), longestShiftMs: Number(realm.longestShiftMs) };
}

function counted(judgement: StoredJudgement): readonly Verdict[] {
  return judgement.filter(({ counts }) => counts).map(keptVerdict);
}

/** What a binding says with notice kept, as its entry stores it. */
export function keptVerdict({ bindingId, said, kept }: BindingVerdict): Verdict {
  const verdict = readVerdict(said, bindingId);
  const at = <M extends { readonly at: Date }>(moment: M | null, ms: number | null): M | null =>
    moment && ms !== null ? { ...moment, at: new Date(ms) } : null;
  return {
    ...verdict,
    cap: at(verdict.cap, kept.cap),
    hold: at(verdict.hold, kept.hold),
    expire: at(verdict.expire, kept.expire),
  };
}
