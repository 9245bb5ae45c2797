import { DAY_MS, YEAR_MS } from '../../domain/duration.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { readHead } from '../../log/head.ts';
import { builder } from '../builder.ts';
import { filterKeys, KeyFilterRef } from '../key/key-filter.ts';
import { recordReadAsUse } from '../key/record-read-as-use.ts';
import { ExpiringKeyRef } from './expiring-key.ts';
import { ExpiringWatch } from './expiring-watch.ts';
import { runSubscription } from './run-subscription.ts';

/** How far ahead one can watch. */
const WITHIN_MAX_MS = YEAR_MS + DAY_MS;

builder.subscriptionField('expiring', (t) =>
  t.field({
    type: ExpiringKeyRef,
    description:
      'The keys that stop within the time given: those that already will, soonest first, then each as it comes to; once for each stop.',
    args: { within: t.arg({ type: 'Duration', required: true }), filter: t.arg({ type: KeyFilterRef }) },
    subscribe: async (_root, { within, filter }, context) => {
      if (within > WITHIN_MAX_MS) throw badUserInput('within: found more than 366 days.', ['within']);
      filterKeys(filter, context.services.clock.now());
      recordReadAsUse(context);
      const position = await readHead(context.services);
      return runSubscription(context, (live) => new ExpiringWatch(context, position, within, filter ?? {}, live).run());
    },
    resolve: (key) => key,
  }),
);
