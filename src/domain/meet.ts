import type { Moment, AttributedReason, RenewalTerms, RequestBounds, Stop, Verdict, RenewalWindow } from './verdict.ts';

/**
 * Combines two verdicts into the strictest in each dimension. The operation is commutative, associative and idempotent, so that the
 * order of bindings does not matter, and adding a binding never makes a key live longer (law 9). If two verdicts are equally
 * strict, the reason of the binding with the lower id is given.
 */
export function meet(a: Verdict, b: Verdict): Verdict {
  return {
    request: meetRequest(a.request, b.request),
    cap: strictest(a.cap, b.cap, byStop),
    renewal: meetRenewal(a.renewal, b.renewal),
    warn: strictest(a.warn, b.warn, byMoment),
    hold: strictest(a.hold, b.hold, byMoment),
    expire: strictest(a.expire, b.expire, byMoment),
  };
}

/** A sort order: negative if `a` is first. Zero only if both are the same. */
type Order<T> = (a: T, b: T) => number;

const byReason: Order<AttributedReason> = (a, b) =>
  compare(a.by, b.by) || compare(a.code, b.code) || compare(a.sentence, b.sentence);

const byMoment: Order<Moment> = (a, b) => a.at.getTime() - b.at.getTime() || byReason(a.reason, b.reason);

/** Orders stops by moment. At the same moment a HARD stop is first, because it needs no review. */
const byStop: Order<Stop> = (a, b) =>
  a.at.getTime() - b.at.getTime() || compare(b.basis, a.basis) || byReason(a.reason, b.reason);

/**
 * Orders renewal terms, the strictest first. Terms that forbid a renewal come before terms that allow it, and a longer
 * prohibition before a shorter one. Among terms that allow it, ROTATE comes before EXTEND.
 */
const byRenewalStrictness: Order<RenewalTerms> = (a, b) =>
  Number(a.isAllowed) - Number(b.isAllowed) ||
  compare(refusedUntil(b), refusedUntil(a)) ||
  (a.isAllowed ? compare(b.mode, a.mode) : 0) ||
  byReason(a.reason, b.reason);

/** Orders by the longest lifetime alone, because the request's reason explains that bound. The other bounds are combined separately. */
const byLongest: Order<Verdict['request']> = (a, b) =>
  compare(a.longestMs, b.longestMs) || byReason(a.reason, b.reason);

function meetRequest(a: Verdict['request'], b: Verdict['request']): Verdict['request'] {
  return {
    shortestMs: Math.max(a.shortestMs, b.shortestMs),
    longestMs: Math.min(a.longestMs, b.longestMs),
    defaultMs: minimum(a.defaultMs, b.defaultMs),
    reason: first(a, b, byLongest).reason,
  };
}

function meetRenewal(a: RenewalTerms, b: RenewalTerms): RenewalTerms {
  const { isAllowed, allowedAt, reason } = first(a, b, byRenewalStrictness);
  return {
    isAllowed,
    allowedAt,
    mode: a.mode === 'ROTATE' ? a.mode : b.mode,
    longestMs: minimum(a.longestMs, b.longestMs),
    window: meetWindow(a.window, b.window),
    graceExtensionMs: minimum(a.graceExtensionMs, b.graceExtensionMs),
    retiresWhenMoved:
      a.retiresWhenMoved === null ? b.retiresWhenMoved : a.retiresWhenMoved && b.retiresWhenMoved !== false,
    reason,
  };
}

/** Returns until when a renewal is refused, in ms since 1970: forever if no moment is known. */
function refusedUntil({ isAllowed, allowedAt }: RenewalTerms): number {
  if (isAllowed) return -Infinity;
  return allowedAt?.getTime() ?? Infinity;
}

/** Returns the earlier opening and the earlier closing of two windows. */
function meetWindow(a: RenewalWindow | null, b: RenewalWindow | null): RenewalWindow | null {
  if (a === null || b === null) return a ?? b;
  return {
    opensAt: a.opensAt < b.opensAt ? a.opensAt : b.opensAt,
    closesAt: a.closesAt < b.closesAt ? a.closesAt : b.closesAt,
  };
}

/**
 * Returns the bounds for requests under a verdict. If the shortest lifetime of one binding exceeds the longest of another, the
 * longest wins: a lower bound never makes a life longer.
 */
export function boundsOf({ request: { shortestMs, longestMs, defaultMs } }: Verdict): RequestBounds {
  const shortest = Math.min(shortestMs, longestMs);
  return {
    shortestMs: shortest,
    longestMs,
    defaultMs: defaultMs === null ? null : Math.min(longestMs, Math.max(shortest, defaultMs)),
  };
}

/** Returns the smaller of two numbers; null means no limit. */
function minimum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function strictest<T>(a: T | null, b: T | null, order: Order<T>): T | null {
  return a === null || b === null ? (a ?? b) : first(a, b, order);
}

function first<T>(a: T, b: T, order: Order<T>): T {
  return order(b, a) < 0 ? b : a;
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
