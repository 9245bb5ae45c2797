import { queryFromInfo } from '@pothos/plugin-prisma';
import { DAY_MS, YEAR_MS } from '../../domain/duration.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { countStops, type ForecastDay } from '../../keys/forecast.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { builder } from '../builder.ts';
import { createKeyset, type Order } from '../keyset.ts';
import { recordReadAsUse } from './record-read-as-use.ts';
import { filterKeys, KeyFilterRef } from './key-filter.ts';
import { KeyRef } from './key.ts';

const KeyOrderFieldEnum = builder.enumType('KeyOrderField', {
  values: {
    CREATED_AT: { value: 'createdAt' },
    STOPS_AT: { value: 'stopsAt', description: 'Keys that do not stop by themselves come last.' },
    LAST_USED_AT: { value: 'lastUsedAt', description: 'Keys that were never used come last.' },
    NAME: { value: 'name' },
  } as const,
});

const DirectionEnum = builder.enumType('OrderDirection', { values: ['ASC', 'DESC'] as const });

const KeyOrderRef = builder.inputType('KeyOrder', {
  fields: (t) => ({
    field: t.field({ type: KeyOrderFieldEnum, required: true }),
    direction: t.field({ type: DirectionEnum, required: true }),
  }),
});

const newestFirst: Order = { column: 'createdAt', direction: 'DESC' };

export const KeyConnectionRef = builder.connectionObject({ type: KeyRef, name: 'KeyConnection' }, { name: 'KeyEdge' });

builder.queryField('key', (t) =>
  t.prismaField({
    type: 'Key',
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (query, _root, { id }, context) => {
      const key = await context.db.key.findUnique({ ...query, where: { id, AND: [visibleKeys(context.caller)] } });
      if (key !== null) recordReadAsUse(context, id);
      return key;
    },
  }),
);

builder.queryField('keys', (t) =>
  t.field({
    type: KeyConnectionRef,
    description: 'The keys that the caller may see, newest first unless it is told otherwise.',
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: KeyFilterRef }),
      orderBy: t.arg({ type: KeyOrderRef }),
    },
    resolve: async (_root, { filter, orderBy, ...page }, context, info) => {
      recordReadAsUse(context);
      const order = orderBy == null ? newestFirst : { column: orderBy.field, direction: orderBy.direction };
      const { where, connection, ...rest } = createKeyset(page, order);
      const now = context.services.clock.now();
      const rows = await context.db.key.findMany({
        ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
        ...rest,
        where: { AND: [visibleKeys(context.caller), filterKeys(filter, now), ...where] },
      });
      return connection(rows);
    },
  }),
);

builder.queryField('keyCount', (t) =>
  t.int({
    description: 'How many keys the caller may see. All of them are looked at: ask once, not with every page.',
    args: { filter: t.arg({ type: KeyFilterRef }) },
    resolve: (_root, { filter }, context) => {
      recordReadAsUse(context);
      const now = context.services.clock.now();
      return context.db.key.count({ where: { AND: [visibleKeys(context.caller), filterKeys(filter, now)] } });
    },
  }),
);

/** How far ahead one can look. */
const HORIZON_MAX_MS = YEAR_MS + DAY_MS;

const ForecastDayRef = builder.objectRef<ForecastDay>('ForecastDay').implement({
  description: 'What stops by itself on one day, as things stand. Days are in UTC.',
  fields: (t) => ({
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'The day’s first instant.' }),
    keyCount: t.exposeInt('keyCount'),
    hardCount: t.exposeInt('hardCount', { description: 'Of these, how many stop by time alone.' }),
    byUseCount: t.exposeInt('byUseCount', { description: 'Of these, how many a use would move.' }),
  }),
});

builder.queryField('forecast', (t) =>
  t.field({
    type: [ForecastDayRef],
    description: 'What stops on which day, from now to the horizon; days on which nothing stops are left out.',
    args: { horizon: t.arg({ type: 'Duration', required: true }), filter: t.arg({ type: KeyFilterRef }) },
    resolve: async (_root, { horizon, filter }, context) => {
      recordReadAsUse(context);
      if (horizon > HORIZON_MAX_MS) throw badUserInput('horizon: found more than 366 days.', ['horizon']);
      const now = context.services.clock.now();
      const where = { AND: [visibleKeys(context.caller), filterKeys(filter, now)] };
      return countStops(context.db, where, now, horizon);
    },
  }),
);
