import { DAY_MS, YEAR_MS } from '../../domain/duration.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { readHead } from '../../log/head.ts';
import { builder } from '../builder.ts';
import { filterKeys, KeyFilterRef } from '../key/key-filter.ts';
import { recordReadAsUse } from '../key/record-read-as-use.ts';
import { ExpiringKeyRef } from './expiring-key.ts';
import { ExpiringWatch } from './expiring-watch.ts';
import { runSubscription } from './run-subscription.ts';

/** The largest `within`: 366 days. */
const WITHIN_MAX_MS = YEAR_MS + DAY_MS;

builder.subscriptionField('expiring', (t) =>
  t.field({
    type: ExpiringKeyRef,
    description:
      'Sends keys that will stop within `within`: first all that do now, soonest first, then further keys as their stops come within it. A key is sent again only when its stop has moved.',
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
