import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { adviseRenewal, type BindingAdvice, type RenewalAdvice } from '../../domain/renewal-advice.ts';
import type { RenewalTerms, RenewalWindow } from '../../domain/verdict.ts';
import { lifelineOf } from '../../keys/key-row.ts';
import { combineVerdicts } from '../../policies/combine-verdicts.ts';
import { parseStoredVerdicts, type StoredVerdicts } from '../../policies/stored-verdicts.ts';
import { readVerdict } from '../../policies/read-verdict.ts';
import { builder } from '../builder.ts';
import { RenewalModeEnum } from '../enums.ts';

const WindowRef = builder.objectRef<RenewalWindow>('Window').implement({
  description: 'From when to when a renewal is best done: advice.',
  fields: (t) => ({
    opensAt: t.expose('opensAt', { type: 'DateTime' }),
    closesAt: t.expose('closesAt', { type: 'DateTime' }),
  }),
});

export const RenewalInfoRef = builder.objectRef<RenewalAdvice>('RenewalInfo').implement({
  description: 'When and how to renew a key, after RFC 9773.',
  fields: (t) => ({
    allowed: t.exposeBoolean('isAllowed'),
    mode: t.expose('mode', { type: RenewalModeEnum }),
    window: t.expose('window', { type: WindowRef, nullable: true }),
    suggestedAt: t.expose('suggestedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The moment picked for this key: the same for every caller, spread over the window.',
    }),
    longest: t.field({
      type: 'Duration',
      nullable: true,
      description:
        'The furthest that policy lets it go, counted from the renewal. At most what its cap leaves: less, where a renewal does not move that.',
      resolve: ({ longestMs }) => longestMs,
    }),
    retryAfter: t.field({
      type: 'Duration',
      description: 'Ask again then.',
      resolve: ({ retryAfterMs }) => Math.ceil(retryAfterMs / 1000) * 1000,
    }),
    reason: t.exposeString('reason', {
      description: 'For people. Where the window is not that of the policy alone, it speaks of the window.',
    }),
  }),
});

/**
 * How the lists of a key are read, by every field in the same order: fields that read one list in different ways would take
 * a statement for each key.
 */
export const orderedLists = {
  holds: { orderBy: [{ since: 'asc' }, { id: 'asc' }] },
  secrets: { orderBy: { generation: 'desc' } },
  notices: { orderBy: [{ givenAt: 'desc' }, { thresholdMs: 'asc' }], take: 20 },
} satisfies Prisma.KeySelect;

/** What of a key its renewal information is made from. */
export const renewalInfoSelect = {
  id: true,
  createdAt: true,
  grantedAt: true,
  chosenExpiresAt: true,
  renewedAt: true,
  renewalDueAt: true,
  tokenRuleId: true,
  activeAt: true,
  lastUsedAt: true,
  expiresAt: true,
  expiryBasis: true,
  expiredAt: true,
  revokedAt: true,
  stopsAt: true,
  holds: orderedLists.holds,
  realm: { include: { freezes: true } },
  judgement: true,
} satisfies Prisma.KeySelect;

export function renewalInfoOf(
  key: Prisma.KeyGetPayload<{ select: typeof renewalInfoSelect }>,
  now: Date,
): RenewalAdvice {
  const judgement = parseStoredVerdicts(key.judgement);
  const verdict = combineVerdicts(key.realm, judgement);
  return adviseRenewal({ ...key, ...lifelineOf(key) }, verdict, now, adviceOfReason(judgement, verdict.renewal));
}

/** What the binding that gives the reason advises by itself; the advice of all, where the realm gives it. */
function adviceOfReason(judgement: StoredVerdicts, renewal: RenewalTerms): BindingAdvice {
  const entry = judgement.find(({ bindingId, counts }) => counts && bindingId === renewal.reason.by);
  return entry === undefined ? renewal : readVerdict(entry.said, entry.bindingId).renewal;
}
