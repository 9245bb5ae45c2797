import { countKeyConditions, type KeyCounts } from '../../keys/count-key-conditions.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { builder } from '../builder.ts';
import { KeyStateEnum, StandingEnum } from '../enums.ts';
import { filterKeys, KeyFilterRef } from './key-filter.ts';
import { recordReadAsUse } from './record-read-as-use.ts';

const KeyStateCountRef = builder.objectRef<KeyCounts['byState'][number]>('KeyStateCount').implement({
  description: 'How many keys are in a state.',
  fields: (t) => ({
    state: t.expose('state', { type: KeyStateEnum, description: 'The state that is counted.' }),
    keyCount: t.exposeInt('keyCount', { description: 'How many keys are in it.' }),
  }),
});

const StandingCountRef = builder.objectRef<KeyCounts['byStanding'][number]>('StandingCount').implement({
  description: 'How many keys are in a dormancy state.',
  fields: (t) => ({
    standing: t.expose('standing', { type: StandingEnum, description: 'The dormancy state that is counted.' }),
    keyCount: t.exposeInt('keyCount', { description: 'How many keys are in it, ended ones included.' }),
  }),
});

const KeyCountsRef = builder.objectRef<KeyCounts>('KeyCounts').implement({
  description:
    'How many keys there are in each condition. Only keyCount, byState and byStanding include keys that have ended: the others are of ACTIVE and HELD keys.',
  fields: (t) => ({
    keyCount: t.exposeInt('keyCount', { description: 'How many keys there are.' }),
    byState: t.field({
      type: [KeyStateCountRef],
      description: 'The keys by state. Every state has an entry.',
      resolve: ({ byState }) => [...byState],
    }),
    byStanding: t.field({
      type: [StandingCountRef],
      description: 'The keys by dormancy state. Every dormancy state has an entry.',
      resolve: ({ byStanding }) => [...byStanding],
    }),
    stopsSoon: t.exposeInt('stopsSoon', { description: 'How many stop by themselves within 30 days.' }),
    stopsSoonByHand: t.exposeInt('stopsSoonByHand', {
      description: 'How many of stopsSoon no program renews in time: their automation is NONE or LATE.',
    }),
    neverUsed: t.exposeInt('neverUsed', { description: 'How many were never used.' }),
    rotating: t.exposeInt('rotating', { description: 'How many have a pending rotation.' }),
    stalled: t.exposeInt('stalled', { description: 'How many have a pending rotation that was extended.' }),
    withoutAutomation: t.exposeInt('withoutAutomation', { description: 'How many no program renews.' }),
    lateAutomation: t.exposeInt('lateAutomation', { description: 'How many a program renews, and is late.' }),
    leaked: t.exposeInt('leaked', { description: 'How many have a secret that was reported as leaked.' }),
  }),
});

builder.queryField('keyCounts', (t) =>
  t.field({
    type: KeyCountsRef,
    description:
      'How many of the keys that the caller may see are in each condition, counted in one scan. Counting reads every such key.',
    args: {
      filter: t.arg({ type: KeyFilterRef, description: 'Which keys to count. Default: all that the caller may see.' }),
    },
    resolve: (_root, { filter }, context) => {
      recordReadAsUse(context);
      const now = context.services.clock.now();
      return countKeyConditions(context.db, { AND: [visibleKeys(context.caller), filterKeys(filter, now)] }, now);
    },
  }),
);
