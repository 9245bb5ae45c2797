import type { RenewalInfo } from '../../domain/renewal-info.ts';
import type { Window } from '../../domain/verdict.ts';
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
      description: 'The furthest that policy lets it go, counted from the renewal.',
      resolve: ({ longestMs }) => longestMs,
    }),
    retryAfter: t.field({
      type: 'Duration',
      description: 'Ask again then.',
      resolve: ({ retryAfterMs }) => Math.ceil(retryAfterMs / 1000) * 1000,
    }),
    reason: t.exposeString('reason'),
  }),
});
