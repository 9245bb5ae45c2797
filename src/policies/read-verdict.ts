import type { Moment, AttributedReason, Verdict } from '../domain/verdict.ts';
import type * as policy from './contract.ts';

/**
 * The verdicts of one module on a key, one for each function of the contract. A member is null if the module lacks that
 * function.
 */
export interface RawVerdict {
  readonly expiry: policy.ExpiryVerdict | null;
  readonly renewal: policy.RenewalVerdict | null;
  readonly dormancy: policy.DormancyVerdict | null;
}

/** The widest bounds, for a policy that sets none. */
const UNBOUNDED = { shortestMs: 0, longestMs: Number.MAX_SAFE_INTEGER, defaultMs: null } as const;

/** The reason if no policy gives one. Its `by` sorts after all others. */
const SILENT: AttributedReason = { code: 'SILENT', sentence: 'No policy decides this.', by: '~~' };

/** Converts a module's verdict to a domain verdict attributed to a binding. Parts on which the module has no opinion are neutral. */
export function readVerdict({ expiry, renewal, dormancy }: RawVerdict, by: string): Verdict {
  const reason = (of: policy.Reason | undefined): AttributedReason => (of === undefined ? SILENT : { ...of, by });
  const request = expiry?.request;
  const cap = expiry?.cap;
  const moment = (at: policy.Instant | null | undefined): Moment | null =>
    at == null ? null : { at: new Date(at), reason: reason(dormancy?.reason) };
  return {
    request: {
      ...(request
        ? { shortestMs: request.shortest, longestMs: request.longest, defaultMs: request.default }
        : UNBOUNDED),
      reason: reason(request ? expiry.reason : undefined),
    },
    cap: cap ? { at: new Date(cap.at), basis: cap.basis, reason: reason(expiry.reason) } : null,
    renewal: {
      isAllowed: renewal?.isAllowed ?? true,
      allowedAt: instant(renewal?.allowedAt),
      mode: renewal?.mode ?? 'EXTEND',
      longestMs: renewal?.longest ?? null,
      window: renewal?.window
        ? { opensAt: new Date(renewal.window.opensAt), closesAt: new Date(renewal.window.closesAt) }
        : null,
      graceExtensionMs: renewal?.graceExtension ?? null,
      retiresWhenMoved: renewal?.retiresWhenMoved ?? null,
      reason: reason(renewal?.reason),
    },
    warn: moment(dormancy?.warnAt),
    hold: moment(dormancy?.holdAt),
    expire: moment(dormancy?.expireAt),
  };
}

/** Returns the verdict of the realm itself: its bounds for requests, and that renewals are allowed. */
export function realmVerdict(realm: {
  readonly id: string;
  readonly shortestLifetimeMs: bigint;
  readonly longestLifetimeMs: bigint;
}): Verdict {
  // Sorts after all bindings, so that at equal strictness the reason of a binding is given.
  const by = `~${realm.id}`;
  const silent = readVerdict({ expiry: null, renewal: null, dormancy: null }, by);
  return {
    ...silent,
    request: {
      shortestMs: Number(realm.shortestLifetimeMs),
      longestMs: Number(realm.longestLifetimeMs),
      defaultMs: null,
      reason: { code: 'REALM_BOUNDS', sentence: 'The bounds of the realm.', by },
    },
    renewal: {
      ...silent.renewal,
      reason: { code: 'RENEWAL_OPEN', sentence: 'A key may be renewed at any time.', by },
    },
  };
}

function instant(at: policy.Instant | null | undefined): Date | null {
  return at == null ? null : new Date(at);
}
