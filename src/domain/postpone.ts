import { hasCome, addMs } from './key.ts';
import { decideStop } from './life.ts';
import { dormancyStateOf } from './next-review.ts';
import { stopReasonOf } from './stop-reason.ts';
import type { Moment, Stop, Verdict } from './verdict.ts';

/** The columns of a key that record the postponement of its stop. */
export interface PostponableKey {
  readonly activeAt: Date;
  readonly movedOutAt: Date | null;
  readonly movedOutMs: bigint | null;
}

/**
 * Returns by how much a key's BY_USE stops are postponed, in ms, because no notice of the last one could be delivered; 0: they are
 * not. Activity ends the postponement: it leads to a new stop.
 */
export function currentPostponementMs({ activeAt, movedOutAt, movedOutMs }: PostponableKey): number {
  return movedOutAt !== null && activeAt <= movedOutAt ? Number(movedOutMs ?? 0) : 0;
}

/**
 * Returns by how much to postpone a BY_USE stop that has come although none of its notices could be delivered, in ms: to the
 * deciding binding's notice period from now. Null: no such stop has come, or it was postponed before.
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

/** Returns the verdict with its BY_USE stops postponed by `ms`. A HARD cap stays. */
export function postponeStops(verdict: Verdict, ms: number): Verdict {
  if (ms === 0) return verdict;
  const postpone = <M extends Moment>(moment: M | null): M | null => moment && { ...moment, at: addMs(moment.at, ms) };
  const { cap, hold, expire } = verdict;
  return { ...verdict, cap: isByUse(cap) ? postpone(cap) : cap, hold: postpone(hold), expire: postpone(expire) };
}

function isByUse(cap: Stop | null): boolean {
  return cap?.basis === 'BY_USE';
}
