import { builder } from '../builder.ts';
import { StopBasisEnum } from '../enums.ts';
import { KeyRef } from '../key/key.ts';
import { RenewalInfoRef, renewalInfoOf } from '../key/renewal-info.ts';
import type { UpcomingKey } from './upcoming-stops.ts';

export const ExpiringKeyRef = builder.objectRef<UpcomingKey>('ExpiringKey').implement({
  description: 'A key that stops within the time that was asked for.',
  fields: (t) => ({
    key: t.field({ type: KeyRef, resolve: (key) => key }),
    stopsAt: t.field({ type: 'DateTime', resolve: ({ stopsAt }) => stopsAt ?? fault() }),
    stopsBasis: t.field({ type: StopBasisEnum, resolve: ({ stopsBasis }) => stopsBasis ?? fault() }),
    remaining: t.field({
      type: 'Duration',
      resolve: ({ stopsAt }, _args, { services }) =>
        Math.max(0, (stopsAt ?? fault()).getTime() - services.clock.now().getTime()),
    }),
    renewalInfo: t.field({
      type: RenewalInfoRef,
      resolve: (key, _args, { services }) => renewalInfoOf(key, services.clock.now()),
    }),
  }),
});

function fault(): never {
  throw new Error('a key about to stop without its stop');
}
