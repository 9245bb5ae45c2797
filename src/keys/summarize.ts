import { currentPostponementMs } from '../domain/postpone.ts';
import { describeHoldKind, PLAIN_LEAK_REASON } from '../domain/hold-source.ts';
import { earliest, expiredAt, hasCome, stateOf } from '../domain/key.ts';
import type { AttributedReason, Verdict } from '../domain/verdict.ts';
import type { ExplainedKey, ExplainedVerdict } from './explained-key.ts';
import { lifelineOf } from './key-row.ts';

interface SummaryInput {
  readonly key: ExplainedKey;
  readonly verdict: Verdict;
  /**
   * Why the key stops when it does; null: a person chose the moment, nothing stops the key, or the stop was promised
   * before the policies changed.
   */
  readonly decided: AttributedReason | null;
  readonly verdicts: readonly ExplainedVerdict[];
  /** Whether the reader sees policies. Others read of no person, key, announced binding or brake. */
  readonly seesPolicies: boolean;
}

/**
 * Returns a summary for people: the key's state, when it stops and why, announced changes, and a stop that waits behind
 * a brake.
 */
export function summarize({ key, verdict, decided, verdicts, seesPolicies }: SummaryInput, now: Date): string {
  const lifeline = lifelineOf(key);
  const state = stateOf(lifeline, now);
  if (state === 'REVOKED') return `It was revoked at ${isoInstant(key.revokedAt)}, for good.`;
  const ended = expiredAt(lifeline, now);
  if (ended !== null) return `It expired at ${isoInstant(ended)}${describeReason(key, decided)}`;
  const holds = key.holds.map(({ since, source, sourceName, reason }) => {
    const by = seesPolicies ? sourceName : describeHoldKind(source);
    const why = source === 'LEAK' && !seesPolicies ? PLAIN_LEAK_REASON : reason;
    return `It is held since ${isoInstant(since)} by ${by}: ${withFullStop(why)}`;
  });
  const stops = key.holds.some(({ source }) => source === 'POLICY') ? [] : [describeStop(key, verdict, decided, now)];
  const later = seesPolicies ? [...describeAnnounced(key, verdicts, now), ...describeWaiting(key)] : [];
  return [...holds, ...stops, ...later].join(' ');
}

function describeStop(key: ExplainedKey, { cap }: Verdict, decided: AttributedReason | null, now: Date): string {
  const { stopsAt, stopsBasis } = key;
  if (stopsAt === null) return 'Nothing stops it by itself.';
  // A use moves a BY_USE cap, by the policy contract. A dormancy moment may depend on something that no use moves, such
  // as the state of the owner.
  const isMovedByUse = cap !== null && cap.reason === decided;
  const otherwise = isMovedByUse ? ', unless it is used before' : ', unless policy decides otherwise by then';
  const moves = stopsBasis === 'BY_USE' && !hasCome(stopsAt, now) ? otherwise : '';
  const later =
    stopsBasis === 'BY_USE' && currentPostponementMs(key) > 0
      ? ' It was postponed once, because none of its notices could be delivered.'
      : '';
  return `It stops at ${isoInstant(stopsAt)}${moves}${describeReason(key, decided)}${later}`;
}

function describeReason({ chosenExpiresAt, stopsAt }: ExplainedKey, decided: AttributedReason | null): string {
  if (decided !== null) return `: ${withFullStop(decided.sentence)}`;
  if (chosenExpiresAt?.getTime() === stopsAt?.getTime()) return ': that expiry was chosen for it.';
  return ', as promised before its policies changed.';
}

/** Returns a sentence for each announced revision that would stop the key earlier. */
function describeAnnounced({ stopsAt }: ExplainedKey, verdicts: readonly ExplainedVerdict[], now: Date): string[] {
  return verdicts.flatMap(({ verdict: { revision, effective, raw }, binding }) => {
    const isAnnounced =
      binding.revision === revision && !hasCome(binding.effectiveAt, now) && binding.mode === 'ENFORCED';
    const moment = (at: number | null) => (at === null ? null : new Date(at));
    const to = earliest(moment(effective.cap), moment(effective.hold), moment(effective.expire));
    if (!isAnnounced || to === null || (stopsAt !== null && to >= stopsAt)) return [];
    const reason = to.getTime() === effective.cap ? raw.expiry?.reason : raw.dormancy?.reason;
    const why = reason === undefined ? '.' : `: ${withFullStop(reason.sentence)}`;
    return [
      `${binding.title} is announced for ${isoInstant(binding.effectiveAt)} and would stop it at ${isoInstant(to)}${why}`,
    ];
  });
}

function describeWaiting({ waitingStop }: ExplainedKey): string[] {
  if (waitingStop === null) return [];
  const { sentence } = waitingStop.reason as unknown as AttributedReason;
  return [`An earlier stop, at ${isoInstant(waitingStop.to)}, waits behind a brake: ${withFullStop(sentence)}`];
}

/** Returns a sentence of a policy or a person, with its full stop. */
function withFullStop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function isoInstant(at: Date | null): string {
  return at?.toISOString() ?? '';
}
