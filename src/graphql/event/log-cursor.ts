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
