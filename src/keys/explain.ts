import { currentPostponementMs } from '../domain/postpone.ts';
import type { AttributedReason, StopBasis } from '../domain/verdict.ts';
import { stopReasonOf } from '../domain/stop-reason.ts';
import { combineVerdicts, combineWithoutFreezes } from '../policies/combine-verdicts.ts';
import { parseStoredVerdicts } from '../policies/stored-verdicts.ts';
import type { ExplainedKey, ExplainedVerdict } from './explained-key.ts';
import { summarize } from './summarize.ts';

/** When a key stops, and why. */
export interface Explanation {
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  /**
   * A few sentences for people: the key's state, its stop and why, announced changes, and a stop that waits behind a
   * brake.
   */
  readonly summary: string;
  /** Null: a person chose the moment, nothing stops the key, or the stop was promised before the policies changed. */
  readonly decidedBy: AttributedReason | null;
  /** Since when the verdicts stand: later evaluations came to the same. Null: policies never evaluated the key. */
  readonly judgedAt: Date | null;
  readonly verdicts: readonly ExplainedVerdict[];
  /** The freeze that shifted the stop; null: none did. */
  readonly freeze: { readonly from: Date; readonly to: Date; readonly reason: string } | null;
  readonly waitingStop: ExplainedKey['waitingStop'];
  /** When the stop was postponed because none of its notices could be delivered; null: it was not. */
  readonly movedOutAt: Date | null;
}

/** Explains a key from its stored verdicts, to a reader who sees policies or does not. No policy is evaluated. */
export function explainKey(key: ExplainedKey, now: Date, seesPolicies: boolean): Explanation {
  const { stopsAt, stopsBasis, realm, waitingStop } = key;
  const stored = parseStoredVerdicts(key.judgement);
  const verdict = combineVerdicts(realm, stored);
  const decided = stopReasonOf(verdict, key);
  const verdicts = stored.flatMap((verdict) => {
    const binding = realm.bindings.find(({ id }) => id === verdict.bindingId);
    return binding === undefined ? [] : [{ verdict, binding, decides: verdict.counts && decided?.by === binding.id }];
  });
  return {
    stopsAt,
    stopsBasis,
    summary: summarize({ key, verdict, decided, verdicts, seesPolicies }, now),
    decidedBy: decided,
    judgedAt: key.judgement?.judgedAt ?? null,
    verdicts,
    freeze: freezeOf(key, decided),
    waitingStop,
    movedOutAt: currentPostponementMs(key) > 0 ? key.movedOutAt : null,
  };
}

/** Returns why a key stops when it does: one sentence for people, without the moment. */
export function explainStop(key: ExplainedKey): string {
  const decided = stopReasonOf(combineVerdicts(key.realm, parseStoredVerdicts(key.judgement)), key);
  if (decided !== null) return decided.sentence;
  if (key.chosenExpiresAt?.getTime() === key.stopsAt?.getTime()) return 'That expiry was chosen for the key.';
  return 'The key keeps a stop that was promised before its policies changed.';
}

/** Returns the freeze that shifted the stop; null if none did. */
function freezeOf(
  { realm, judgement, stopsAt }: ExplainedKey,
  decided: AttributedReason | null,
): Explanation['freeze'] {
  if (decided === null || stopsAt === null) return null;
  const { cap, hold, expire } = combineWithoutFreezes(realm, parseStoredVerdicts(judgement));
  const before = [cap, hold, expire].find((moment) => moment?.reason === decided || moment?.reason.by === decided.by);
  const freeze = realm.freezes.find(({ to }) => to.getTime() === stopsAt.getTime());
  if (freeze === undefined || before == null || before.at >= stopsAt) return null;
  return { from: before.at, to: stopsAt, reason: freeze.reason };
}
