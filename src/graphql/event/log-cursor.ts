import { readHead } from '../../log/head.ts';
import { builder } from '../builder.ts';

builder.queryField('logCursor', (t) =>
  t.field({
    type: 'Cursor',
    description:
      'The log as of this query: what is asked for beside it is read in the same snapshot. Query, then subscribe from here.',
    resolve: (_root, _args, { db }) => readHead({ prisma: db }),
  }),
);
