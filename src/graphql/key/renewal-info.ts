import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { renewalInfo, type OwnAdvice, type RenewalInfo } from '../../domain/renewal-info.ts';
import type { RenewalVerdict, Window } from '../../domain/verdict.ts';
import { lifelineOf } from '../../keys/stored-key.ts';
import { recall } from '../../policies/recall.ts';
import { readJudgement, type StoredJudgement } from '../../policies/judgement.ts';
import { readVerdict } from '../../policies/read-verdict.ts';
import { builder } from '../builder.ts';
import { RenewalModeEnum } from '../enums.ts';

const WindowRef = builder.objectRef<Window>('Window').implement({
  description: 'From when to when a renewal is best done: advice.',
  fields: (t) => ({
    opensAt: t.expose('opensAt', { type: 'DateTime' }),
    closesAt: t.expose('closesAt', { type: 'DateTime' }),
  }),
});

export const RenewalInfoRef = builder.objectRef<RenewalInfo>('RenewalInfo').implement({
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
export const inOrder = {
  holds: { orderBy: [{ since: 'asc' }, { id: 'asc' }] },
  secrets: { orderBy: { generation: 'desc' } },
  notices: { orderBy: [{ givenAt: 'desc' }, { thresholdMs: 'asc' }], take: 20 },
} satisfies Prisma.KeySelect;

/** What of a key its renewal information is made from. */
export const asRenewable = {
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
  holds: inOrder.holds,
  realm: { include: { freezes: true } },
  judgement: true,
} satisfies Prisma.KeySelect;

export function renewalInfoOf(key: Prisma.KeyGetPayload<{ select: typeof asRenewable }>, now: Date): RenewalInfo {
  const judgement = readJudgement(key.judgement);
  const verdict = recall(key.realm, judgement);
  return renewalInfo({ ...key, ...lifelineOf(key) }, verdict, now, ownAdvice(judgement, verdict.renewal));
}

/** What the binding that gives the reason advises by itself; the advice of all, where the realm gives it. */
function ownAdvice(judgement: StoredJudgement, renewal: RenewalVerdict): OwnAdvice {
  const entry = judgement.find(({ bindingId, counts }) => counts && bindingId === renewal.reason.by);
  return entry === undefined ? renewal : readVerdict(entry.said, entry.bindingId).renewal;
}
