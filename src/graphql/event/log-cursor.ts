import { findPositionAt } from '../../log/event-page.ts';
import { readHead } from '../../log/head.ts';
import { builder } from '../builder.ts';

builder.queryField('logCursor', (t) =>
  t.field({
    type: 'Cursor',
    description:
      'The end of the event log as of this query. The rest of the query is read from the same snapshot: subscribe with `after` set to this cursor to miss no change.',
    resolve: (_root, _args, { db }) => readHead({ prisma: db }),
  }),
);

builder.queryField('logCursorAt', (t) =>
  t.field({
    type: 'Cursor',
    description:
      'The place in the event log at a moment: after this cursor follow all events that were recorded from then on, as far as the log has them.',
    args: { at: t.arg({ type: 'DateTime', required: true, description: 'A moment, such as yesterday at noon.' }) },
    resolve: (_root, { at }, { db }) => findPositionAt(db, at),
  }),
);
