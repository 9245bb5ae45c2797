import type { Moment, AttributedReason, RenewalTerms, RequestBounds, Stop, Verdict, RenewalWindow } from './verdict.ts';

/**
 * What several bindings say together: the strictest in each dimension. Commutative, associative and idempotent, so that no
 * one has to know their order; adding one never makes a key live longer (law 9). Of two that are as strict as each other
 * the reason of the one that comes first by id is told.
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

/** Negative: the first comes first. Zero only for what is the same. */
type Order<T> = (a: T, b: T) => number;

const byReason: Order<AttributedReason> = (a, b) =>
  compare(a.by, b.by) || compare(a.code, b.code) || compare(a.sentence, b.sentence);

const byMoment: Order<Moment> = (a, b) => a.at.getTime() - b.at.getTime() || byReason(a.reason, b.reason);

/** Of two stops at one moment the HARD one comes first: it needs no one to look. */
const byStop: Order<Stop> = (a, b) =>
  a.at.getTime() - b.at.getTime() || compare(b.basis, a.basis) || byReason(a.reason, b.reason);

/**
 * Who forbids comes before who allows, who forbids for longer before who does for less; of those who allow, who wants the
 * secret replaced before who does not.
 */
const byRenewalStrictness: Order<RenewalTerms> = (a, b) =>
  Number(a.isAllowed) - Number(b.isAllowed) ||
  compare(refusedUntil(b), refusedUntil(a)) ||
  (a.isAllowed ? compare(b.mode, a.mode) : 0) ||
  byReason(a.reason, b.reason);

/** By what alone is told with its reason; what is combined by itself cannot decide about anything else. */
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

/** Until when a renewal is refused: for ever, where nobody knows. */
function refusedUntil({ isAllowed, allowedAt }: RenewalTerms): number {
  if (isAllowed) return -Infinity;
  return allowedAt?.getTime() ?? Infinity;
}

/** Both windows at once may be empty; what that means is said where it is read. */
function meetWindow(a: RenewalWindow | null, b: RenewalWindow | null): RenewalWindow | null {
  if (a === null || b === null) return a ?? b;
  return {
    opensAt: a.opensAt < b.opensAt ? a.opensAt : b.opensAt,
    closesAt: a.closesAt < b.closesAt ? a.closesAt : b.closesAt,
  };
}

/**
 * The bounds that a caller meets. Where bindings leave nothing between shortest and longest, the longest counts: a life
 * that may not be long is not made longer by one that may not be short.
 */
export function boundsOf({ request: { shortestMs, longestMs, defaultMs } }: Verdict): RequestBounds {
  const shortest = Math.min(shortestMs, longestMs);
  return {
    shortestMs: shortest,
    longestMs,
    defaultMs: defaultMs === null ? null : Math.min(longestMs, Math.max(shortest, defaultMs)),
  };
}

/** The smaller of two, where null is none. */
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
