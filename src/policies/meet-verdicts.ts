import { hardCapOf, type BindingVerdict, type EffectiveStops } from './stored-verdicts.ts';
import type { RawVerdict } from './read-verdict.ts';

/** Returns a verdict whose stops do not come before a moment: the key has an exception until then. */
export function postponeStopsTo({ expiry, renewal, dormancy }: RawVerdict, until: Date): RawVerdict {
  const soonest = until.getTime();
  const postpone = <At extends number | null>(at: At): At => (at !== null && at < soonest ? (soonest as At) : at);
  return {
    renewal,
    expiry: expiry && { ...expiry, cap: expiry.cap && { ...expiry.cap, at: postpone(expiry.cap.at) } },
    dormancy: dormancy && {
      ...dormancy,
      warnAt: postpone(dormancy.warnAt),
      holdAt: postpone(dormancy.holdAt),
      expireAt: postpone(dormancy.expireAt),
    },
  };
}

/**
 * Combines two verdicts of one binding on one key, which both count: the earlier of each stop, with its reason. All else is
 * that of the lower revision, which stays in force for a key with an exception. The result is attributed to the revision that
 * stops the key first.
 */
export function meetVerdicts(one: BindingVerdict, other: BindingVerdict): BindingVerdict {
  const [present, next] = one.revision <= other.revision ? [one, other] : [other, one];
  const capped = isEarlierCap(next, present) ? next : present;
  const dormant = isEarlier(firstOf(next.effective), firstOf(present.effective)) ? next : present;
  const { raw } = present;
  const cap = capped.raw.expiry?.cap ?? null;
  const expiry = cap === null ? raw.expiry : { request: raw.expiry?.request ?? null, cap, reason: reasonOf(capped) };
  const hold = earlierOf(present.effective.hold, next.effective.hold);
  const expire = earlierOf(present.effective.expire, next.effective.expire);
  const dormancy = dormant.raw.dormancy && {
    ...dormant.raw.dormancy,
    warnAt: earlierOf(present.raw.dormancy?.warnAt ?? null, next.raw.dormancy?.warnAt ?? null),
    holdAt: earlierOf(present.raw.dormancy?.holdAt ?? null, next.raw.dormancy?.holdAt ?? null),
    expireAt: earlierOf(present.raw.dormancy?.expireAt ?? null, next.raw.dormancy?.expireAt ?? null),
  };
  const effective = { cap: capped.effective.cap, hold, expire };
  const first = isEarlier(stopOf(next.effective), stopOf(present.effective)) ? next : present;
  const { bindingId, revision, hash, counts, noticeMs, at } = first;
  return {
    bindingId,
    revision,
    hash,
    counts,
    noticeMs,
    at,
    raw: { expiry, renewal: raw.renewal, dormancy: dormancy ?? raw.dormancy },
    effective,
  };
}

function reasonOf({ raw }: BindingVerdict) {
  return raw.expiry?.reason ?? { code: 'CAP', sentence: 'The policy limits the life of the key.' };
}

/** Whether the cap of one verdict comes first. Of two at the same moment, a HARD one does. */
function isEarlierCap(one: BindingVerdict, other: BindingVerdict): boolean {
  const [at, before] = [one.effective.cap, other.effective.cap];
  return isEarlier(at, before) || (at !== null && at === before && hardCapOf(one) !== null);
}

function firstOf({ hold, expire }: EffectiveStops): number | null {
  return earlierOf(hold, expire);
}

function stopOf({ cap, ...dormancy }: EffectiveStops): number | null {
  return earlierOf(cap, firstOf({ cap, ...dormancy }));
}

/** Whether one moment comes before another; null never comes. */
function isEarlier(one: number | null, other: number | null): boolean {
  return one !== null && (other === null || one < other);
}

function earlierOf(one: number | null, other: number | null): number | null {
  return isEarlier(one, other) ? one : (other ?? one);
}
