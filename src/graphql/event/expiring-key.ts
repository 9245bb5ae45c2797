import { builder } from '../builder.ts';
import { StopBasisEnum } from '../enums.ts';
import { KeyRef } from '../key/key.ts';
import { RenewalInfoRef, renewalInfoOf } from '../key/renewal-info.ts';
import type { UpcomingKey } from './upcoming-stops.ts';

export const ExpiringKeyRef = builder.objectRef<UpcomingKey>('ExpiringKey').implement({
  description: 'A key that will stop within the requested time, unless it is renewed or used.',
  fields: (t) => ({
    key: t.field({ type: KeyRef, description: 'The key that will stop.', resolve: (key) => key }),
    stopsAt: t.field({
      type: 'DateTime',
      description: 'When the key will stop by itself.',
      resolve: ({ stopsAt }) => stopsAt ?? fault(),
    }),
    stopsBasis: t.field({
      type: StopBasisEnum,
      description: 'Whether time alone decides the stop, or a use of the key moves it.',
      resolve: ({ stopsBasis }) => stopsBasis ?? fault(),
    }),
    remaining: t.field({
      type: 'Duration',
      description: 'Time left until stopsAt, as of this message.',
      resolve: ({ stopsAt }, _args, { services }) =>
        Math.max(0, (stopsAt ?? fault()).getTime() - services.clock.now().getTime()),
    }),
    renewalInfo: t.field({
      type: RenewalInfoRef,
      description: 'When and how to renew the key.',
      resolve: (key, _args, { services }) => renewalInfoOf(key, services.clock.now()),
    }),
  }),
});

function fault(): never {
  throw new Error('an expiring key has no stopsAt');
}
