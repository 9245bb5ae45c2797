import { hasCome, addMs } from './key.ts';
import { decideStop } from './life.ts';
import { dormancyStateOf } from './next-review.ts';
import { stopReasonOf } from './stop-reason.ts';
import type { Moment, Stop, Verdict } from './verdict.ts';

/** What of a key's row says how its stop was moved out. */
export interface PostponableKey {
  readonly activeAt: Date;
  readonly movedOutAt: Date | null;
  readonly movedOutMs: bigint | null;
}

/**
 * How far the stops by use of a key are moved out, in ms, because no notice of the last one could be delivered; 0: they are
 * not. Whatever is activity leads to another stop, of which nothing was moved yet.
 */
export function currentPostponementMs({ activeAt, movedOutAt, movedOutMs }: PostponableKey): number {
  return movedOutAt !== null && activeAt <= movedOutAt ? Number(movedOutMs ?? 0) : 0;
}

/**
 * How far the stop by use that has come moves out when none of its notices could be delivered: to the deciding binding's
 * notice period from now. Null: no such stop has come, or it has moved out before.
 */
export function postponementMs(
  key: PostponableKey & { readonly chosenExpiresAt: Date | null; readonly heldBy: string | null },
  verdict: Verdict,
  noticeMsOf: (bindingId: string) => number,
  now: Date,
): number | null {
  const standing = dormancyStateOf(verdict, now);
  const isStopping = key.heldBy === null && (standing === 'HELD' || standing === 'EXPIRED');
  if (!isStopping || currentPostponementMs(key) > 0) return null;
  const settled = decideStop(key.chosenExpiresAt, verdict);
  const by = stopReasonOf(verdict, settled)?.by ?? null;
  if (settled.stopsAt === null || settled.stopsBasis !== 'BY_USE' || by === null) return null;
  const noticeMs = noticeMsOf(by);
  return noticeMs > 0 && hasCome(settled.stopsAt, now)
    ? addMs(now, noticeMs).getTime() - settled.stopsAt.getTime()
    : null;
}

/** What policy says, with the stops that use decides moved out by so much; what time alone decides stays. */
export function postponeStops(verdict: Verdict, ms: number): Verdict {
  const out = <M extends Moment>(moment: M | null): M | null => moment && { ...moment, at: addMs(moment.at, ms) };
  const { cap, hold, expire } = verdict;
  return { ...verdict, cap: isByUse(cap) ? out(cap) : cap, hold: out(hold), expire: out(expire) };
}

function isByUse(cap: Stop | null): boolean {
  return cap?.basis === 'BY_USE';
}
