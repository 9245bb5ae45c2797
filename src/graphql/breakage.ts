import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import { DAY_MS } from '../domain/duration.ts';
import { formatDay } from '../domain/usage-day.ts';
import type { Outcome } from '../domain/verification.ts';
import { countBreakages, type BreakageDay, type BreakageScope } from '../keys/count-breakages.ts';
import { toUsagePeriod } from '../keys/read-usage.ts';
import { visibleKeys } from '../keys/visible-keys.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { OutcomeEnum } from './enums.ts';
import { KeyRef } from './key/key.ts';
import { recordReadAsUse } from './key/record-read-as-use.ts';
import { createKeyset } from './keyset.ts';
import { RealmRef } from './realm/realm.ts';
import { usagePeriod } from './usage-period.ts';

export const ConsumerBreakageRef = builder.prismaObject('Breakage', {
  name: 'ConsumerBreakage',
  description:
    'A consumer that worked and was refused, because the key expired, its secret retired or a policy holds the key, and had not used a newer secret of the key before. There is one for each key, consumer and day (UTC).',
  fields: (t) => ({
    key: t.relation('key', { type: KeyRef, description: 'The key that was refused.' }),
    consumer: t.exposeString('consumer', { description: 'The consumer, as verifiers label it.' }),
    outcome: t.field({
      type: OutcomeEnum,
      description: 'Why it was refused: KEY_EXPIRED, SECRET_RETIRED or KEY_HELD.',
      select: { outcome: true },
      resolve: ({ outcome }) => outcome as Outcome,
    }),
    generation: t.exposeInt('generation', { description: 'The generation of the refused secret.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was first refused on that day.' }),
    firstUsedAt: t.expose('firstUsedAt', {
      type: 'DateTime',
      description: 'When the consumer first used the key successfully.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When the consumer last used the key successfully before it was refused.',
    }),
  }),
});

const ConsumerBreakageConnectionRef = builder.connectionObject(
  { type: ConsumerBreakageRef, name: 'ConsumerBreakageConnection' },
  { name: 'ConsumerBreakageEdge' },
);

const BreakageDayRef = builder.objectRef<BreakageDay>('BreakageDay').implement({
  description: 'How many consumers were broken on a day.',
  fields: (t) => ({
    day: t.string({ description: 'The day in UTC, as YYYY-MM-DD.', resolve: ({ day }) => formatDay(day) }),
    breakageCount: t.exposeInt('breakageCount', {
      description: 'How many consumers of keys were broken. A consumer of two keys counts twice.',
    }),
  }),
});

/** The breakage of some keys in a time. Counts are read when they are selected. */
export const BreakageRef = builder.objectRef<BreakageScope>('Breakage').implement({
  description: 'Which consumers that worked were refused by keys in a period, and how many.',
  fields: (t) => ({
    breakageCount: t.int({
      description: 'How many consumers of keys were broken, each counted once for each day on which it was refused.',
      resolve: async (scope, _args, context) => (await countsOf(context, scope)).breakageCount,
    }),
    ownerCount: t.int({
      description: 'How many owners have such keys.',
      resolve: async (scope, _args, context) => (await countsOf(context, scope)).ownerCount,
    }),
    consumerCount: t.int({
      description:
        'How many different consumers were broken. Consumers of two owners are different, whatever their label.',
      resolve: async (scope, _args, context) => (await countsOf(context, scope)).consumerCount,
    }),
    keyCount: t.int({
      description: 'How many keys broke a consumer.',
      resolve: async (scope, _args, context) => (await countsOf(context, scope)).keyCount,
    }),
    days: t.field({
      type: [BreakageDayRef],
      description: 'The days of the period with breakages, by day.',
      resolve: async (scope, _args, context) => [...(await countsOf(context, scope)).days],
    }),
    breakages: t.field({
      type: ConsumerBreakageConnectionRef,
      description: 'The broken consumers, the newest first.',
      args: t.arg.connectionArgs(),
      resolve: async ({ realmId, since, before, keys, outcomes }, page, context, info) => {
        const { where, connection, ...rest } = createKeyset(page, { column: 'at', direction: 'DESC' });
        const at = { gte: since, ...(before !== undefined && { lt: before }) };
        const ofKeys = Array.isArray(keys) ? { keyId: { in: [...keys] } } : { key: keys as Prisma.KeyWhereInput };
        const rows = await context.db.breakage.findMany({
          ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
          ...rest,
          where: {
            AND: [
              realmId === null ? {} : { realmId },
              { at },
              keys === undefined ? {} : ofKeys,
              outcomes === undefined ? {} : { outcome: { in: [...outcomes] } },
              ...where,
            ],
          },
        });
        return connection(rows);
      },
    }),
  }),
});

const counted = new WeakMap<BreakageScope, ReturnType<typeof countBreakages>>();

/** Returns the counts of a scope, read once for all fields that select them. */
function countsOf({ db }: Context, scope: BreakageScope): ReturnType<typeof countBreakages> {
  const counts = counted.get(scope) ?? countBreakages(db, scope);
  counted.set(scope, counts);
  return counts;
}

/** Returns the breakage of the keys that a caller may see, in whole days (UTC). */
function scopeOf(
  { caller, services }: Context,
  realmId: string | null,
  { from, to }: { readonly from?: Date | null | undefined; readonly to?: Date | null | undefined },
): BreakageScope {
  const period = toUsagePeriod(from ?? null, to ?? null, services.clock.now());
  return {
    realmId,
    since: new Date(period.from * DAY_MS),
    before: new Date((period.to + 1) * DAY_MS),
    keys: visibleKeys(caller),
  };
}

builder.prismaObjectField(RealmRef, 'breakage', (t) =>
  t.field({
    type: BreakageRef,
    description:
      'Which consumers that worked were refused by keys of the realm that the caller may see, and how many. The days are retained for 400 days.',
    args: {
      from: t.arg({ type: 'DateTime', description: usagePeriod.from }),
      to: t.arg({ type: 'DateTime', description: usagePeriod.to }),
    },
    select: { id: true },
    resolve: ({ id }, args, context) => scopeOf(context, id, args),
  }),
);

builder.queryField('breakage', (t) =>
  t.field({
    type: BreakageRef,
    description:
      'Which consumers that worked were refused by the keys of all realms that the caller may see, and how many. The days are retained for 400 days.',
    args: {
      from: t.arg({ type: 'DateTime', description: usagePeriod.from }),
      to: t.arg({ type: 'DateTime', description: usagePeriod.to }),
    },
    resolve: (_root, args, context) => {
      recordReadAsUse(context);
      return scopeOf(context, null, args);
    },
  }),
);
