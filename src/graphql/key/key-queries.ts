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
  description: 'What a list of keys can be sorted by.',
  values: {
    CREATED_AT: { value: 'createdAt', description: 'The moment at which the key was issued.' },
    STOPS_AT: {
      value: 'stopsAt',
      description: 'The next stop. Keys that do not stop by themselves come last in both directions.',
    },
    LAST_USED_AT: {
      value: 'lastUsedAt',
      description: 'The latest use. Keys that were never used come last in both directions.',
    },
    NAME: { value: 'name', description: 'The name of the key.' },
  } as const,
});

const DirectionEnum = builder.enumType('OrderDirection', {
  description: 'The direction in which a list is sorted.',
  values: {
    ASC: { description: 'Ascending: smallest or earliest first.' },
    DESC: { description: 'Descending: largest or latest first.' },
  },
});

const KeyOrderRef = builder.inputType('KeyOrder', {
  description: 'How to sort a list of keys. Keys with equal values are sorted by id.',
  fields: (t) => ({
    field: t.field({ type: KeyOrderFieldEnum, required: true, description: 'What to sort by.' }),
    direction: t.field({ type: DirectionEnum, required: true, description: 'Ascending or descending.' }),
  }),
});

const filterDescription = 'Which keys to choose. Default: all that the caller may see.';

const newestFirst: Order = { column: 'createdAt', direction: 'DESC' };

export const KeyConnectionRef = builder.connectionObject({ type: KeyRef, name: 'KeyConnection' }, { name: 'KeyEdge' });

builder.queryField('key', (t) =>
  t.prismaField({
    type: 'Key',
    nullable: true,
    description: 'The key with this id. Null if there is none, or the caller may not see it.',
    args: { id: t.arg.id({ required: true, description: 'Id of a key: key_ and 26 characters.' }) },
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
    description: 'The keys that the caller may see, newest first unless orderBy says otherwise.',
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: KeyFilterRef, description: filterDescription }),
      orderBy: t.arg({
        type: KeyOrderRef,
        description: 'How to sort the list. A cursor works only with the order of the list from which it was taken.',
      }),
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
    description:
      'How many of the keys that the caller may see match the filter. Counting reads every such key: query it once, not with every page.',
    args: { filter: t.arg({ type: KeyFilterRef, description: filterDescription }) },
    resolve: (_root, { filter }, context) => {
      recordReadAsUse(context);
      const now = context.services.clock.now();
      return context.db.key.count({ where: { AND: [visibleKeys(context.caller), filterKeys(filter, now)] } });
    },
  }),
);

/** The largest horizon of a forecast: 366 days. */
const HORIZON_MAX_MS = YEAR_MS + DAY_MS;

const ForecastDayRef = builder.objectRef<ForecastDay>('ForecastDay').implement({
  description: 'How many keys will stop by themselves on one day in UTC, if nothing changes until then.',
  fields: (t) => ({
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'Midnight in UTC, at which the day begins.' }),
    keyCount: t.exposeInt('keyCount', { description: 'How many keys will stop on this day.' }),
    hardCount: t.exposeInt('hardCount', { description: 'How many of these keys stop by time alone.' }),
    byUseCount: t.exposeInt('byUseCount', {
      description: 'How many of these keys stop only if they are not used before.',
    }),
  }),
});

builder.queryField('forecast', (t) =>
  t.field({
    type: [ForecastDayRef],
    description: 'How many keys will stop on each day from now to the horizon. Days without a stop are left out.',
    args: {
      horizon: t.arg({ type: 'Duration', required: true, description: 'How far ahead to count: at most P366D.' }),
      filter: t.arg({ type: KeyFilterRef, description: filterDescription }),
    },
    resolve: async (_root, { horizon, filter }, context) => {
      recordReadAsUse(context);
      if (horizon > HORIZON_MAX_MS)
        throw badUserInput('horizon: found more than P366D; expected at most P366D.', ['horizon']);
      const now = context.services.clock.now();
      const where = { AND: [visibleKeys(context.caller), filterKeys(filter, now)] };
      return countStops(context.db, where, now, horizon);
    },
  }),
);
