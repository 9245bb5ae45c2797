import type { Freeze, Realm } from '../../prisma/generated/client/client.ts';
import { decideStop } from '../domain/life.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { RolloutFacts } from './rollout-facts.ts';
import { combineAll, combineVerdicts } from './combine-verdicts.ts';
import type { StoredVerdicts } from './stored-verdicts.ts';

/** When a key stops now, and when it would if the new revision of a rollout were in force for it. */
export interface RolloutStops {
  readonly from: Date | null;
  readonly to: Date | null;
}

/**
 * Returns the stops of a key without and with the new revision of an open rollout, from its verdicts; null: that revision is in force for
 * the key already, or it was not evaluated for it.
 */
export function stopsUnderRollout(
  chosenExpiresAt: Date | null,
  realm: Realm & { readonly freezes: readonly Freeze[] },
  verdicts: StoredVerdicts,
  { bindingId, revision, after }: Pick<RolloutFacts, 'bindingId' | 'revision'> & { readonly after: unknown },
): RolloutStops | null {
  const isNew = (verdict: StoredVerdicts[number]) => verdict.bindingId === bindingId && verdict.revision === revision;
  if (verdicts.some((verdict) => verdict.counts && isNew(verdict))) return null;
  const shown = verdicts.filter(isNew);
  if (shown.length === 0 && after !== null) return null;
  const others = verdicts.filter((verdict) => verdict.counts && verdict.bindingId !== bindingId);
  const stopOf = (verdict: Verdict) => decideStop(chosenExpiresAt, verdict).stopsAt;
  return { from: stopOf(combineVerdicts(realm, verdicts)), to: stopOf(combineAll(realm, [...others, ...shown])) };
}

/** Whether the new revision stops a key earlier. */
export function isShortened({ from, to }: RolloutStops): boolean {
  return to !== null && (from === null || to < from);
}
