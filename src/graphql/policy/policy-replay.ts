import { DAY_MS } from '../../domain/duration.ts';
import { formatDay } from '../../domain/usage-day.ts';
import type { PolicyReplay, ReplayedConsumer, ReplayedDay, ReplayedOwner } from '../../replay/count-replay.ts';
import { builder } from '../builder.ts';
import { KeyRef } from '../key/key.ts';
import { OwnerRef } from '../owner.ts';
import { findOwnerById } from './find-owner.ts';

const ReplayedDayRef = builder.objectRef<ReplayedDay>('ReplayedDay').implement({
  description: 'The jobs of a day in a replay. A job is the use of a key by a consumer on a day.',
  fields: (t) => ({
    day: t.string({ description: 'The day in UTC, as YYYY-MM-DD.', resolve: ({ day }) => formatDay(day) }),
    jobCount: t.exposeInt('jobCount', { description: 'How many jobs were recorded on the day.' }),
    failedCount: t.exposeInt('failedCount', { description: 'How many of them would have failed.' }),
    firstFailedCount: t.exposeInt('firstFailedCount', {
      description: 'How many of the failed jobs are the first one of their consumer and key that would have failed.',
    }),
  }),
});

const ReplayedOwnerRef = builder.objectRef<ReplayedOwner>('ReplayedOwner').implement({
  description: 'The jobs of one owner’s keys in a replay.',
  fields: (t) => ({
    owner: t.field({
      type: OwnerRef,
      description: 'The account, organization or subject that owns the keys.',
      resolve: ({ ownerId }, _args, { db }) => findOwnerById(db, ownerId),
    }),
    jobCount: t.exposeInt('jobCount', { description: 'How many jobs used keys of the owner.' }),
    failedCount: t.exposeInt('failedCount', { description: 'How many of them would have failed.' }),
    failedKeyCount: t.exposeInt('failedKeyCount', { description: 'How many keys of the owner these jobs used.' }),
  }),
});

const ReplayedConsumerRef = builder.objectRef<ReplayedConsumer>('ReplayedConsumer').implement({
  description: 'The jobs of one consumer with one key in a replay.',
  fields: (t) => ({
    key: t.prismaField({
      type: KeyRef,
      description: 'The key that the jobs used.',
      resolve: (query, { keyId }, _args, { db }) => db.key.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
    consumer: t.string({
      nullable: true,
      description: 'The consumer, as verifiers named it. Null: they named none.',
      resolve: ({ consumer }) => (consumer === '' ? null : consumer),
    }),
    jobCount: t.exposeInt('jobCount', { description: 'On how many days of the period the consumer used the key.' }),
    failedCount: t.int({
      description: 'On how many of these days it would have failed.',
      resolve: ({ failedDays }) => failedDays.length,
    }),
    failedDays: t.stringList({
      description: 'These days in UTC, as YYYY-MM-DD, earliest first.',
      resolve: ({ failedDays }) => failedDays.map(formatDay),
    }),
  }),
});

export const PolicyReplayRef = builder.objectRef<PolicyReplay>('PolicyReplay').implement({
  description:
    'Which recorded jobs would have failed if the change had been in force all the time. A job is the use of a key by a consumer on a day. Keys that are live now are replayed; of a key that would have stopped, every later job counts as failed.',
  fields: (t) => ({
    from: t.field({
      type: 'DateTime',
      description: 'The beginning of the first day that was replayed.',
      resolve: ({ period }) => new Date(period.from * DAY_MS),
    }),
    to: t.field({
      type: 'DateTime',
      description: 'The end of the last day that was replayed: the day of the preview.',
      resolve: ({ period }) => new Date((period.to + 1) * DAY_MS),
    }),
    keyCount: t.exposeInt('keyCount', { description: 'How many keys of the realm were used in this time.' }),
    jobCount: t.exposeInt('jobCount', { description: 'How many jobs were recorded.' }),
    failedJobCount: t.exposeInt('failedJobCount', { description: 'How many of them would have failed.' }),
    failedKeyCount: t.exposeInt('failedKeyCount', { description: 'How many keys have a failed job.' }),
    failedConsumerCount: t.exposeInt('failedConsumerCount', {
      description: 'How many pairs of a key and a consumer have a failed job.',
    }),
    failedOwnerCount: t.exposeInt('failedOwnerCount', { description: 'How many owners have a failed job.' }),
    selfRenewingJobCount: t.exposeInt('selfRenewingJobCount', {
      description:
        'How many of the failed jobs used a key that a program renews. Only renewals that were recorded are replayed: the program might have renewed the key sooner.',
    }),
    faultCount: t.exposeInt('faultCount', {
      description:
        'For how many keys the policy module failed, or did not return in time. None of their jobs counts as failed.',
    }),
    byDay: t.field({
      type: [ReplayedDayRef],
      description: 'The jobs of each day, earliest first: at most 401 days.',
      resolve: ({ byDay }) => [...byDay],
    }),
    owners: t.field({
      type: [ReplayedOwnerRef],
      description: 'The owners with failed jobs, most failed jobs first: at most 100.',
      resolve: ({ owners }) => [...owners],
    }),
    consumers: t.field({
      type: [ReplayedConsumerRef],
      description: 'The pairs of a key and a consumer with failed jobs, most failed jobs first: at most 100.',
      resolve: ({ consumers }) => [...consumers],
    }),
  }),
});
