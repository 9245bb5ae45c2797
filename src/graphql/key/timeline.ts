import type { Freeze, Prisma, Realm } from '../../../prisma/generated/client/client.ts';
import { badUserInput } from '../../domain/request-error.ts';
import {
  TIMELINE_PERIODS_MAX,
  timelinePeriods,
  type TimelinePeriods,
  type TimelineStep,
} from '../../domain/timeline.ts';
import { countLanes, countTimeline, type TimelineCounts, type TimelineGroup } from '../../keys/timeline.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { visibleRealms } from '../../realms/visible-realms.ts';
import { builder } from '../builder.ts';
import { relayDescriptions } from '../default-descriptions.ts';
import { describeValues } from '../describe-values.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../keyset.ts';
import { OwnerRef } from '../owner.ts';
import { RealmRef } from '../realm/realm.ts';
import { filterKeys, KeyFilterRef } from './key-filter.ts';
import { recordReadAsUse } from './record-read-as-use.ts';
import { loadLanes, readLaneCursor, toLanePage, type ShownLane } from './timeline-lanes.ts';

/** A timeline, before what is asked of it is read. */
interface Timeline {
  readonly at: Date;
  readonly periods: TimelinePeriods;
  readonly where: Prisma.KeyWhereInput;
  readonly realm: string | null;
  readonly groupBy: TimelineGroup;
}

const TimelineStepEnum = builder.enumType('TimelineStep', {
  description: 'How long a period of a timeline is. Periods are aligned in UTC.',
  values: describeValues({
    HOUR: '60 minutes, from a full hour on.',
    SIX_HOURS: 'A quarter of a day: from 0:00, 6:00, 12:00 or 18:00 on.',
    DAY: '24 hours, from midnight on.',
    WEEK: 'Seven days, from a Monday on.',
  } satisfies Record<TimelineStep, string>),
});

const TimelineGroupEnum = builder.enumType('TimelineGroup', {
  description: 'By what a timeline puts keys into lanes.',
  values: describeValues({
    OWNER: 'A lane for each account, organization and subject that owns keys.',
    REALM: 'A lane for each realm.',
  } satisfies Record<TimelineGroup, string>),
});

const TimelineCountsRef = builder.objectRef<TimelineCounts>('TimelineCounts').implement({
  description: 'What happens to keys in each period of a timeline: each list has a number for each period, in order.',
  fields: (t) => ({
    byHand: t.intList({
      description:
        'How many keys will stop unless a person acts: they are not renewed by a program, or the program is late.',
      resolve: (counts) => [...counts.BY_HAND],
    }),
    byItself: t.intList({
      description: 'How many keys will stop unless the program that renews them does so again.',
      resolve: (counts) => [...counts.BY_ITSELF],
    }),
    renewals: t.intList({
      description: 'How many renewals by programs are planned: the moments that renewalInfo suggests to them.',
      resolve: (counts) => [...counts.RENEWAL],
    }),
    retirements: t.intList({
      description: 'How many old secrets of pending rotations will retire.',
      resolve: (counts) => [...counts.RETIREMENT],
    }),
    stopped: t.intList({
      description:
        'How many keys have stopped by themselves and not been renewed or resumed since: they expired, or a policy holds them.',
      resolve: (counts) => [...counts.STOPPED],
    }),
  }),
});

const TimelineLaneRef = builder.objectRef<ShownLane>('TimelineLane').implement({
  description: 'The keys of one owner or realm in a timeline.',
  fields: (t) => ({
    owner: t.field({
      type: OwnerRef,
      nullable: true,
      description: 'The owner of the keys. Null in a timeline by realm.',
      resolve: ({ owner }) => owner,
    }),
    realm: t.field({
      type: RealmRef,
      nullable: true,
      description: 'The realm of the keys. Null in a timeline by owner.',
      resolve: ({ realm }) => realm,
    }),
    byHandCount: t.exposeInt('byHandCount', { description: 'The sum of byHand over all periods.' }),
    counts: t.field({
      type: TimelineCountsRef,
      description: 'What happens to these keys in each period.',
      resolve: ({ counts }) => counts,
    }),
  }),
});

const TimelineLaneConnectionRef = builder.connectionObject(
  { type: TimelineLaneRef, name: 'TimelineLaneConnection' },
  { name: 'TimelineLaneEdge' },
);

const TimelineFreezeRef = builder.objectRef<Freeze & { readonly realm: Realm }>('TimelineFreeze').implement({
  description: 'A freeze of a realm within a timeline: no policy should stop a key in it.',
  fields: (t) => ({
    realm: t.field({ type: RealmRef, description: 'The realm with the freeze.', resolve: ({ realm }) => realm }),
    from: t.expose('from', { type: 'DateTime', description: 'When the freeze begins.' }),
    to: t.expose('to', {
      type: 'DateTime',
      description: 'When the freeze ends. This instant is not part of the freeze.',
    }),
    reason: t.exposeString('reason', { description: 'Why there is a freeze, for people.' }),
  }),
});

/** How many freezes a timeline has at most. */
const FREEZES_MAX = 100;

const TimelineRef = builder.objectRef<Timeline>('Timeline').implement({
  description:
    'When keys stop, are renewed and have stopped, by periods. What is to come is counted from now on, what has stopped up to now.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'The moment for which the timeline is: now.' }),
    from: t.field({
      type: 'DateTime',
      description: 'When the first period begins: `from`, or before it at the start of its period.',
      resolve: ({ periods }) => periods.from,
    }),
    to: t.field({
      type: 'DateTime',
      description: 'When the last period ends: `to`, or after it at the end of its period.',
      resolve: ({ periods }) => periods.to,
    }),
    periods: t.field({
      type: ['DateTime'],
      description: 'When each period begins. Each ends where the next begins.',
      resolve: ({ periods: { from, stepMs, count } }) =>
        Array.from({ length: count }, (_, index) => new Date(from.getTime() + index * stepMs)),
    }),
    total: t.field({
      type: TimelineCountsRef,
      description: 'What happens to all keys in each period: the sum of all lanes.',
      resolve: ({ where, periods, at }, _args, { db }) => countTimeline(db, where, periods, at),
    }),
    lanes: t.field({
      type: TimelineLaneConnectionRef,
      description:
        'The keys by owner or realm: those with the most stops by hand first. A lane in which nothing happens is left out.',
      args: {
        first: t.arg.int({ description: 'How many lanes to return: 0 to 100. Default: 20.' }),
        after: t.arg.string({ description: relayDescriptions.afterArgOptions.description }),
      },
      resolve: async ({ where, periods, at, groupBy }, { first, after }, context) => {
        const size = first ?? PAGE_DEFAULT;
        if (size < 0 || size > PAGE_MAX) {
          throw badUserInput(`first: found ${size}; expected 0 to ${PAGE_MAX}.`, ['first']);
        }
        const page = { groupBy, size, after: after == null ? null : readLaneCursor(after) };
        const lanes = await countLanes(context.db, where, periods, at, page);
        return toLanePage(await loadLanes(context.db, lanes.slice(0, size), groupBy), {
          hasNextPage: lanes.length > size,
          hasPreviousPage: after != null,
        });
      },
    }),
    freezes: t.field({
      type: [TimelineFreezeRef],
      description:
        'The freezes of the realms that the caller may see, or of the realm of the filter, earliest first: at most 100.',
      resolve: ({ periods: { from, to }, realm }, _args, { db, caller }) =>
        db.freeze.findMany({
          where: {
            from: { lt: to },
            to: { gt: from },
            realm: { AND: [visibleRealms(caller), realm === null ? {} : { slug: realm }] },
          },
          include: { realm: true },
          orderBy: [{ from: 'asc' }, { to: 'asc' }, { realmId: 'asc' }],
          take: FREEZES_MAX,
        }),
    }),
  }),
});

builder.queryField('timeline', (t) =>
  t.field({
    type: TimelineRef,
    description:
      'When the keys that the caller may see stop, are renewed and have stopped. Each of total and lanes is counted in one scan of these keys.',
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'The time to begin with; it may be in the past.' }),
      to: t.arg({ type: 'DateTime', required: true, description: 'The time to end with.' }),
      step: t.arg({
        type: TimelineStepEnum,
        required: true,
        description: 'How long a period is. A timeline has at most 400 periods.',
      }),
      groupBy: t.arg({ type: TimelineGroupEnum, description: 'By what lanes are made. Default: OWNER.' }),
      filter: t.arg({ type: KeyFilterRef, description: 'Which keys to choose. Default: all that the caller may see.' }),
    },
    resolve: (_root, { from, to, step, groupBy, filter }, context) => {
      recordReadAsUse(context);
      const at = context.services.clock.now();
      const periods = timelinePeriods(from, to, step);
      if ('found' in periods) {
        throw badUserInput(`from, to: found ${periods.found} periods; expected 1 to ${TIMELINE_PERIODS_MAX}.`, ['to']);
      }
      const where = { AND: [visibleKeys(context.caller), filterKeys(filter, at)] };
      return { at, periods, where, realm: filter?.realm ?? null, groupBy: groupBy ?? 'OWNER' };
    },
  }),
);
