import { latest } from '../domain/key.ts';
import { decideStop } from '../domain/life.ts';
import { stopReasonOf } from '../domain/stop-reason.ts';
import type { EvaluatedKey } from '../policies/evaluated-key.ts';
import type { RealmPolicies } from '../policies/realm-policies.ts';
import { restoreRawStops, type StoredVerdicts } from '../policies/stored-verdicts.ts';
import { combineVerdicts, combineWithoutFreezes, rememberVerdict } from '../policies/combine-verdicts.ts';
import { isShortening, revertVerdict } from '../policies/shortening.ts';
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
  const decide = (combined: StoredVerdicts) => decideStop(key.chosenExpiresAt, combineVerdicts(realm, combined));
  const before = decide(revertVerdict(verdicts, previous, bindingId)).stopsAt;
  const next = decideStop(key.chosenExpiresAt, verdict);
  return {
    before: latestOrNever(before, key.stopsAt),
    after: next.stopsAt,
    raw: () => decideStop(key.chosenExpiresAt, combineWithoutFreezes(realm, restoreRawStops(verdicts))).stopsAt,
    reason: stopReasonOf(verdict, next),
    basis: next.stopsBasis,
    isNearer: isShortening({ realm, key, verdicts, previous }, bindingId),
  };
}

/** Returns the later of two stops; null is never. */
function latestOrNever(a: Date | null, b: Date | null): Date | null {
  return a === null || b === null ? null : latest(a, b);
}
