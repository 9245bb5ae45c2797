import { latest } from '../domain/key.ts';
import { decideStop } from '../domain/life.ts';
import { stopReasonOf } from '../domain/stop-reason.ts';
import type { EvaluatedKey } from '../policies/evaluated-key.ts';
import type { RealmPolicies } from '../policies/realm-policies.ts';
import { restoreRawStops, type StoredVerdicts } from '../policies/stored-verdicts.ts';
import { combineVerdicts, combineWithoutFreezes, rememberVerdict } from '../policies/combine-verdicts.ts';
import { dropShortening, isShortening, revertVerdict, type VerdictUpdate } from '../policies/shortening.ts';
import type { StopEffect } from './count-preview.ts';
import type { LoadedInput } from './load-inputs.ts';

/**
 * Returns what a changed binding does to the stop of a key, compared with the stop without the change. `isNearer` says
 * whether the brake would count the change.
 */
export function stopEffectOf(
  realm: RealmPolicies,
  key: LoadedInput,
  { verdict, verdicts }: Pick<EvaluatedKey, 'verdict' | 'verdicts'>,
  bindingId: string,
): StopEffect {
  const { previous } = key.input;
  // A binding changes nothing of the realm's own rules.
  rememberVerdict(realm, verdicts, verdict);
  const update = { realm, key, verdicts, previous };
  const applied = withoutOthers(update, bindingId);
  const combined = combineVerdicts(realm, applied);
  const next = decideStop(key.chosenExpiresAt, combined);
  const before = decideStop(key.chosenExpiresAt, combineVerdicts(realm, revertVerdict(applied, previous, bindingId)));
  return {
    before: latestOrNever(before.stopsAt, key.stopsAt),
    after: next.stopsAt,
    raw: () => decideStop(key.chosenExpiresAt, combineWithoutFreezes(realm, restoreRawStops(applied))).stopsAt,
    reason: stopReasonOf(combined, next),
    basis: next.stopsBasis,
    isNearer: isShortening(update, bindingId),
  };
}

/**
 * Returns the verdicts without what other bindings would shorten: that is not due to the change, and waits for its own review, or
 * behind a brake.
 */
function withoutOthers(update: VerdictUpdate, bindingId: string): StoredVerdicts {
  const { realm, key, verdicts } = update;
  const { stopsAt } = decideStop(key.chosenExpiresAt, combineVerdicts(realm, verdicts));
  const isSooner = stopsAt !== null && (key.stopsAt === null || stopsAt < key.stopsAt);
  if (!isSooner) return verdicts;
  const own = verdicts.find((verdict) => verdict.counts && verdict.bindingId === bindingId);
  return dropShortening(update, own === undefined ? null : { verdict: own });
}

/** Returns the later of two stops; null is never. */
function latestOrNever(a: Date | null, b: Date | null): Date | null {
  return a === null || b === null ? null : latest(a, b);
}
