import { DAY_MS, YEAR_MS } from '../../domain/duration.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { readHead } from '../../log/head.ts';
import { builder } from '../builder.ts';
import { filteredKeys, KeyFilterRef } from '../key/filter.ts';
import { noteReading } from '../key/note-reading.ts';
import { ExpiringKeyRef } from './expiring-key.ts';
import { ExpiringLook } from './expiring-look.ts';
import { live } from './live.ts';

/** How far ahead one can watch. */
const LONGEST_MS = YEAR_MS + DAY_MS;

builder.subscriptionField('expiring', (t) =>
  t.field({
    type: ExpiringKeyRef,
    description:
      'The keys that stop within the time given: those that already will, soonest first, then each as it comes to; once for each stop.',
    args: { within: t.arg({ type: 'Duration', required: true }), filter: t.arg({ type: KeyFilterRef }) },
    subscribe: async (_root, { within, filter }, context) => {
      if (within > LONGEST_MS) throw badUserInput('within: found more than 366 days.', ['within']);
      filteredKeys(filter, context.services.clock.now());
      noteReading(context);
      const position = await readHead(context.services);
      return live(context, (live) => new ExpiringLook(context, position, within, filter ?? {}, live).run());
    },
    resolve: (key) => key,
  }),
);
