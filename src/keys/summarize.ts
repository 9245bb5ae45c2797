import { presentMoveMs } from '../domain/move-out.ts';
import { earliest, expiredAt, hasCome, stateOf } from '../domain/key.ts';
import type { Reason, Verdict } from '../domain/verdict.ts';
import type { ExplainedKey, ExplainedVerdict } from './explain.ts';
import { lifelineOf } from './stored-key.ts';

/** What a summary is made from, beside the key. */
interface Summarized {
  readonly key: ExplainedKey;
  readonly verdict: Verdict;
  /** Why it stops then; null: that moment was chosen for it, or nothing stops it. */
  readonly decided: Reason | null;
  readonly verdicts: readonly ExplainedVerdict[];
}

/** What a key is and when it stops, and why; then what is announced, and what waits behind a brake. For people. */
export function summarize({ key, verdict, decided, verdicts }: Summarized, now: Date): string {
  const lifeline = lifelineOf(key);
  const state = stateOf(lifeline, now);
  if (state === 'REVOKED') return `It was revoked at ${write(key.revokedAt)}, for good.`;
  const ended = expiredAt(lifeline, now);
  if (ended !== null) return `It expired at ${write(ended)}${because(key, decided)}`;
  const holds = key.holds.map(
    ({ since, sourceName, reason }) => `It is held since ${write(since)} by ${sourceName}: ${stop(reason)}`,
  );
  const stops = key.holds.some(({ source }) => source === 'POLICY') ? [] : [stopOf(key, verdict, decided, now)];
  return [...holds, ...stops, ...announced(key, verdicts, now), ...waiting(key)].join(' ');
}

function stopOf(key: ExplainedKey, { cap }: Verdict, decided: Reason | null, now: Date): string {
  const { stopsAt, stopsBasis } = key;
  if (stopsAt === null) return 'Nothing stops it by itself.';
  // A cap by use is moved by a use, as the contract has it; a dormancy moment may stand on what no use moves, such as the owner.
  const isMovedByUse = cap !== null && cap.reason === decided;
  const otherwise = isMovedByUse ? ', unless it is used before' : ', unless policy finds otherwise by then';
  const moves = stopsBasis === 'BY_USE' && !hasCome(stopsAt, now) ? otherwise : '';
  const later =
    stopsBasis === 'BY_USE' && presentMoveMs(key) > 0
      ? ' It has moved out once, as none of its notices could be delivered.'
      : '';
  return `It stops at ${write(stopsAt)}${moves}${because(key, decided)}${later}`;
}

function because({ chosenExpiresAt, stopsAt }: ExplainedKey, decided: Reason | null): string {
  if (decided !== null) return `: ${stop(decided.sentence)}`;
  if (chosenExpiresAt?.getTime() === stopsAt?.getTime()) return ': that expiry was chosen for it.';
  return ', as was promised before policy said something else.';
}

/** What comes into force later and would stop the key sooner. */
function announced({ stopsAt }: ExplainedKey, verdicts: readonly ExplainedVerdict[], now: Date): string[] {
  return verdicts.flatMap(({ entry: { revision, kept, said }, binding }) => {
    const isAnnounced =
      binding.revision === revision && !hasCome(binding.effectiveAt, now) && binding.mode === 'ENFORCED';
    const moment = (at: number | null) => (at === null ? null : new Date(at));
    const to = earliest(moment(kept.cap), moment(kept.hold), moment(kept.expire));
    if (!isAnnounced || to === null || (stopsAt !== null && to >= stopsAt)) return [];
    const reason = to.getTime() === kept.cap ? said.expiry?.reason : said.dormancy?.reason;
    const why = reason === undefined ? '.' : `: ${stop(reason.sentence)}`;
    return [
      `From ${write(binding.effectiveAt)} on ${binding.title} is announced, by which it stops at ${write(to)}${why}`,
    ];
  });
}

function waiting({ waitingStop }: ExplainedKey): string[] {
  if (waitingStop === null) return [];
  const { sentence } = waitingStop.reason as unknown as Reason;
  return [`A nearer stop, at ${write(waitingStop.to)}, waits behind a brake: ${stop(sentence)}`];
}

/** A sentence of somebody else, with its full stop. */
function stop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function write(at: Date | null): string {
  return at?.toISOString() ?? '';
}
