import { decideStop } from '../domain/life.ts';
import { stopReasonOf } from '../domain/stop-reason.ts';
import type { AttributedReason, StopBasis } from '../domain/verdict.ts';
import { combineVerdicts } from './combine-verdicts.ts';
import { hardCapOf, type BindingVerdict, type StoredVerdicts } from './stored-verdicts.ts';

/** The stop of a key in its row, before the update. */
export interface StoredStop {
  readonly chosenExpiresAt: Date | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
}

/** A new verdict of a binding that shortens a key's life. */
export interface Shortening {
  readonly verdict: BindingVerdict;
  readonly to: Date;
  readonly reason: AttributedReason;
}

type Realm = Parameters<typeof combineVerdicts>[0];

/** An update of a key's verdicts: the new ones, and those that were stored before. */
export interface VerdictUpdate {
  readonly realm: Realm;
  readonly key: StoredStop;
  readonly verdicts: StoredVerdicts;
  readonly previous: StoredVerdicts;
}

/**
 * Returns the new verdict that shortens a key's life, if any. A verdict shortens if it makes the stop earlier than the
 * stored stop, or earlier than the stop would be without the verdict, or HARD where it was BY_USE. A new HARD cap that
 * is later than a BY_USE stop shortens as well: further use would have moved the stop past that cap.
 */
export function findShortening({ realm, key, verdicts, previous }: VerdictUpdate): Shortening | null {
  const verdict = combineVerdicts(realm, verdicts);
  const next = decideStop(key.chosenExpiresAt, verdict);
  const reason = stopReasonOf(verdict, next);
  const decider = verdicts.find(({ bindingId, counts }) => counts && bindingId === reason?.by);
  if (next.stopsAt !== null && reason !== null && decider !== undefined && !previous.includes(decider)) {
    const isShorter = () => {
      const without = decideStop(
        key.chosenExpiresAt,
        combineVerdicts(realm, revertVerdict(verdicts, previous, decider.bindingId)),
      );
      const wasByUse = key.stopsBasis === 'BY_USE' && without.stopsBasis === 'BY_USE';
      return isBefore(next.stopsAt, without.stopsAt) || (next.stopsBasis === 'HARD' && wasByUse);
    };
    if (isBefore(next.stopsAt, key.stopsAt) || isShorter()) return { verdict: decider, to: next.stopsAt, reason };
  }
  return key.stopsBasis === 'HARD' ? null : findLatentCap(verdicts, previous);
}

/**
 * Replaces each new verdict that would shorten the key's life, except the allowed one, by that binding's previous
 * verdict. The next evaluation finds the replaced verdicts again.
 */
export function dropShortening(update: VerdictUpdate, allowed: Pick<Shortening, 'verdict'> | null): StoredVerdicts {
  const { previous } = update;
  const accepted = allowed === null ? previous : [...previous, allowed.verdict];
  let { verdicts } = update;
  for (;;) {
    const shortening = findShortening({ ...update, verdicts, previous: accepted });
    if (shortening === null) return verdicts;
    verdicts = revertVerdict(verdicts, previous, shortening.verdict.bindingId);
  }
}

/** Whether the new verdict of one binding shortens the key's life, whatever the other bindings' verdicts do. */
export function isShortening(update: VerdictUpdate, bindingId: string): boolean {
  let { verdicts } = update;
  for (;;) {
    const shortening = findShortening({ ...update, verdicts });
    if (shortening === null) return false;
    if (shortening.verdict.bindingId === bindingId) return true;
    verdicts = revertVerdict(verdicts, update.previous, shortening.verdict.bindingId);
  }
}

function findLatentCap(verdicts: StoredVerdicts, previous: StoredVerdicts): Shortening | null {
  for (const verdict of verdicts) {
    const at = verdict.counts && !previous.includes(verdict) ? hardCapOf(verdict) : null;
    if (at === null) continue;
    const before = previous.find(({ bindingId, counts }) => counts && bindingId === verdict.bindingId);
    const wasAt = before === undefined ? null : hardCapOf(before);
    const reason = verdict.raw.expiry?.reason;
    if (reason !== undefined && (wasAt === null || at < wasAt)) {
      return { verdict, to: new Date(at), reason: { ...reason, by: verdict.bindingId } };
    }
  }
  return null;
}

/**
 * Returns the verdicts in which the verdict of one binding that counts is replaced by that binding's previous verdict,
 * or left out if there is no previous one.
 */
export function revertVerdict(verdicts: StoredVerdicts, previous: StoredVerdicts, bindingId: string): StoredVerdicts {
  const before = previous.filter((verdict) => verdict.bindingId === bindingId && verdict.counts);
  return [...verdicts.filter((verdict) => verdict.bindingId !== bindingId || !verdict.counts), ...before];
}

/** Whether the stop `to` comes before the stop `from`; null means never. */
function isBefore(to: Date | null, from: Date | null): boolean {
  return to !== null && (from === null || to < from);
}
