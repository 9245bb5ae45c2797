import { DAY_MS, YEAR_MS } from '../../domain/duration.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { readHead } from '../../log/head.ts';
import { builder } from '../builder.ts';
import { filterKeys, KeyFilterRef } from '../key/key-filter.ts';
import { recordReadAsUse } from '../key/record-read-as-use.ts';
import { ExpiringWatch } from './expiring-watch.ts';
import { runSubscription } from './run-subscription.ts';
import { StopBasisEnum } from '../enums.ts';
import { KeyRef } from '../key/key.ts';
import { RenewalInfoRef, renewalInfoOf } from '../key/renewal-info.ts';
import type { UpcomingKey } from './upcoming-stops.ts';

/** The largest `within`: 366 days. */
const WITHIN_MAX_MS = YEAR_MS + DAY_MS;

const ExpiringKeyRef = builder.objectRef<UpcomingKey>('ExpiringKey').implement({
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

builder.subscriptionField('expiring', (t) =>
  t.field({
    type: ExpiringKeyRef,
    description:
      'Sends keys that will stop within the time `within`: first all such keys, soonest first, then further keys as their stops come near. A key is sent again only when its stop has moved.',
    args: {
      within: t.arg({
        type: 'Duration',
        required: true,
        description: 'How far ahead of its stop a key is sent: at most P366D.',
      }),
      filter: t.arg({ type: KeyFilterRef, description: 'Which keys to watch. Default: all that the caller may see.' }),
    },
    subscribe: async (_root, { within, filter }, context) => {
      if (within > WITHIN_MAX_MS)
        throw badUserInput('within: found more than P366D; expected at most P366D.', ['within']);
      filterKeys(filter, context.services.clock.now());
      recordReadAsUse(context);
      const position = await readHead(context.services);
      return runSubscription(context, (live) => new ExpiringWatch(context, position, within, filter ?? {}, live).run());
    },
    resolve: (key) => key,
  }),
);
