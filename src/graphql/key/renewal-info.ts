import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { adviseRenewal, type BindingAdvice, type RenewalAdvice } from '../../domain/renewal-advice.ts';
import type { RenewalTerms, RenewalWindow } from '../../domain/verdict.ts';
import { lifelineOf, lifelineSelect, orderedHolds, verdictRelations } from '../../keys/key-row.ts';
import { combineVerdicts } from '../../policies/combine-verdicts.ts';
import { parseStoredVerdicts, type StoredVerdicts } from '../../policies/stored-verdicts.ts';
import { readVerdict } from '../../policies/read-verdict.ts';
import { builder } from '../builder.ts';
import { RenewalModeEnum } from '../enums.ts';

export const WindowRef = builder.objectRef<RenewalWindow>('Window').implement({
  description: 'The time in which a renewal is best done. This is advice: an earlier renewal is not refused.',
  fields: (t) => ({
    opensAt: t.expose('opensAt', { type: 'DateTime', description: 'From this moment on a renewal is advised.' }),
    closesAt: t.expose('closesAt', { type: 'DateTime', description: 'A renewal should be done by this moment.' }),
  }),
});

export const RenewalInfoRef = builder.objectRef<RenewalAdvice>('RenewalInfo').implement({
  description: 'When and how to renew a key, modelled on RFC 9773. The same for every caller.',
  fields: (t) => ({
    allowed: t.exposeBoolean('isAllowed', { description: 'Whether the key can be renewed now.' }),
    mode: t.expose('mode', {
      type: RenewalModeEnum,
      description:
        'ROTATE: policy requires that the renewal replaces the secret, or a person has requested it (rotationAskedAt). EXTEND: the secret may stay.',
    }),
    window: t.expose('window', {
      type: WindowRef,
      nullable: true,
      description: 'When a renewal is best done. Null: no time is advised.',
    }),
    suggestedAt: t.expose('suggestedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The moment in the window at which this key is best renewed. It differs from key to key, so that many keys are not renewed at once. Null without a window.',
    }),
    rotationAskedAt: t.expose('rotationAskedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When a person asked that the secret be replaced: a rotation is due since then. Null: no person asked, or the secret was replaced since.',
    }),
    longest: t.field({
      type: 'Duration',
      nullable: true,
      description:
        'The longest lifetime that a renewal gives, counted from the renewal. A renewal gives less if policy caps the life of the key at a fixed moment.',
      resolve: ({ longestMs }) => longestMs,
    }),
    retryAfter: t.field({
      type: 'Duration',
      description: 'How long to wait before reading renewalInfo again: PT15M to P1D.',
      resolve: ({ retryAfterMs }) => Math.ceil(retryAfterMs / 1000) * 1000,
    }),
    reason: t.exposeString('reason', {
      description: 'For people: what is advised and why, or why the key cannot be renewed.',
    }),
  }),
});

/**
 * The order in which every field reads the lists of a key. Fields that read one list in different orders would need a
 * statement for each key (N+1).
 */
export const orderedLists = {
  holds: orderedHolds,
  secrets: { orderBy: { generation: 'desc' } },
  notices: { orderBy: [{ givenAt: 'desc' }, { thresholdMs: 'asc' }], take: 20 },
} satisfies Prisma.KeySelect;

/** The columns and relations of a key that its renewal information needs. */
export const renewalInfoSelect = {
  ...lifelineSelect,
  ...verdictRelations,
  grantedAt: true,
  renewedAt: true,
  renewalDueAt: true,
  rotationAskedAt: true,
  rotationAnsweredAt: true,
  tokenRuleId: true,
  lastUsedAt: true,
} satisfies Prisma.KeySelect;

export function renewalInfoOf(
  key: Prisma.KeyGetPayload<{ select: typeof renewalInfoSelect }>,
  now: Date,
): RenewalAdvice {
  const judgement = parseStoredVerdicts(key.judgement);
  const verdict = combineVerdicts(key.realm, judgement);
  return adviseRenewal({ ...key, ...lifelineOf(key) }, verdict, now, adviceOfReason(judgement, verdict.renewal));
}

/** Returns the advice of the binding that gave the reason; the combined advice if the reason is the realm's. */
function adviceOfReason(judgement: StoredVerdicts, renewal: RenewalTerms): BindingAdvice {
  const entry = judgement.find(({ bindingId, counts }) => counts && bindingId === renewal.reason.by);
  return entry === undefined ? renewal : readVerdict(entry.raw, entry.bindingId).renewal;
}
