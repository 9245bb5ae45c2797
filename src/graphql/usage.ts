import { may } from '../domain/permission.ts';
import { formatDay } from '../domain/usage-day.ts';
import {
  readKeyUsage,
  readRealmUsage,
  toUsagePeriod,
  type ConsumerUsage,
  type KeyUsage,
  type UsageDay,
  type UsagePeriod,
} from '../keys/read-usage.ts';
import { readKeyBreakages } from '../keys/read-breakages.ts';
import { ConsumerBreakageRef } from './breakage.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { OutcomeEnum } from './enums.ts';
import { KeyRef } from './key/key.ts';
import { loadTogether } from './load-together.ts';
import { RealmRef } from './realm/realm.ts';
import { usagePeriod } from './usage-period.ts';

const UsageDayRef = builder.objectRef<UsageDay>('UsageDay').implement({
  description: 'How often verifications had an outcome on a day.',
  fields: (t) => ({
    day: t.string({ description: 'The day in UTC, as YYYY-MM-DD.', resolve: ({ day }) => formatDay(day) }),
    outcome: t.expose('outcome', { type: OutcomeEnum, description: 'The outcome. VALID: the key was used.' }),
    count: t.exposeFloat('count', { description: 'How many verifications: a whole number up to 2^53.' }),
  }),
});

const ConsumerUsageRef = builder.objectRef<ConsumerUsage>('ConsumerUsage').implement({
  description: 'The use of one secret of a key by one consumer.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description:
        'The consumer, as verifiers label it. Empty: they named none. (others): the consumers beyond the first 200 of the secret.',
    }),
    firstUsedAt: t.expose('firstUsedAt', { type: 'DateTime', description: 'When it first used the secret.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', description: 'When it last used the secret.' }),
    count: t.exposeFloat('count', {
      description: 'How often it has used the secret, since it was first used: a whole number up to 2^53.',
    }),
    generation: t.exposeInt('generation', { description: 'The generation of the secret.' }),
  }),
});

/** The use of a key in a period. Breakages are read when they are selected. */
interface ShownUsage extends KeyUsage {
  readonly keyId: string;
  readonly period: UsagePeriod;
}

const KeyUsageRef = builder.objectRef<ShownUsage>('KeyUsage').implement({
  description: 'Who uses a key, and how often it was accepted and refused.',
  fields: (t) => ({
    consumers: t.field({
      type: [ConsumerUsageRef],
      description: 'The consumers that used the key in the period, the latest first: at most 1,000.',
      resolve: ({ consumers }) => [...consumers],
    }),
    days: t.field({
      type: [UsageDayRef],
      description: 'The days and outcomes of the period that occurred, by day. They are retained for 400 days.',
      resolve: ({ days }) => [...days],
    }),
    breakages: t.field({
      type: [ConsumerBreakageRef],
      description:
        'The consumers that worked and were refused in the period, the newest first: at most 1,000. They are retained for 400 days.',
      resolve: async ({ keyId, period }, _args, context) => {
        const read = (ids: readonly string[]) => readKeyBreakages(context.db, ids, period);
        return [...((await loadTogether(context, `breakages ${period.from} ${period.to}`, keyId, read)) ?? [])];
      },
    }),
  }),
});

builder.prismaObjectField(KeyRef, 'usage', (t) =>
  t.field({
    type: KeyUsageRef,
    description:
      'Who uses the key, by consumer and secret, and how often it was accepted and refused on each day. What a node has seen is shown within 20 seconds.',
    args: {
      from: t.arg({ type: 'DateTime', description: usagePeriod.from }),
      to: t.arg({ type: 'DateTime', description: usagePeriod.to }),
    },
    select: { id: true },
    resolve: ({ id }, { from, to }, context) =>
      loadKeyUsage(context, id, toUsagePeriod(from ?? null, to ?? null, context.services.clock.now())),
  }),
);

builder.prismaObjectField(RealmRef, 'usage', (t) =>
  t.field({
    type: [UsageDayRef],
    nullable: true,
    description:
      'How often keys of the realm were verified, by day and outcome. Null: the caller is not an administrator. Secrets that no key has are not counted. The days are retained for 400 days.',
    args: {
      from: t.arg({ type: 'DateTime', description: usagePeriod.from }),
      to: t.arg({ type: 'DateTime', description: usagePeriod.to }),
    },
    select: { id: true },
    resolve: async ({ id }, { from, to }, { caller, db, services }) => {
      if (!may(caller, 'realm.manage', { realmId: id })) return null;
      return [...(await readRealmUsage(db, id, toUsagePeriod(from ?? null, to ?? null, services.clock.now())))];
    },
  }),
);

async function loadKeyUsage(context: Context, id: string, asked: UsagePeriod): Promise<ShownUsage> {
  const read = (ids: readonly string[]) => readKeyUsage(context.db, ids, asked);
  const usage = await loadTogether(context, `usage ${asked.from} ${asked.to}`, id, read);
  return { ...(usage ?? { consumers: [], days: [] }), keyId: id, period: asked };
}
