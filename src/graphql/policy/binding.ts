import { visibleRealmFilter } from '../../realms/visible-realms.ts';
import { builder } from '../builder.ts';
import { RealmRef } from '../realm/realm.ts';

export const BindingModeEnum = builder.enumType('BindingMode', {
  description: 'ENFORCED counts. SHADOW is computed and shown, and changes nothing. PAUSED is not asked.',
  values: ['ENFORCED', 'SHADOW', 'PAUSED'] as const,
});

const BindingHealthEnum = builder.enumType('BindingHealth', {
  description: 'BROKEN: its module is missing or fails; where it does, its last verdicts stay in force.',
  values: ['WORKING', 'BROKEN'] as const,
});

interface StoredFault {
  readonly kind: string;
  readonly message: string;
  readonly keyCount: number;
}

const BindingFaultRef = builder
  .objectRef<StoredFault & { readonly since: Date; readonly retryAt: Date }>('BindingFault')
  .implement({
    description: 'How the module of a binding fails.',
    fields: (t) => ({
      kind: t.exposeString('kind', {
        description: 'THROWS, LOOPS, NONSENSE, NOT_DETERMINISTIC, CRASHES or MISSING.',
      }),
      message: t.exposeString('message'),
      keyCount: t.exposeInt('keyCount', { description: 'How many keys it failed, and has not answered since.' }),
      since: t.expose('since', { type: 'DateTime' }),
      retryAt: t.expose('retryAt', { type: 'DateTime', description: 'When it is tried again.' }),
    }),
  });

const ReviewProgressRef = builder
  .objectRef<{ readonly total: number; readonly done: number }>('ReviewProgress')
  .implement({
    description: 'How far the keys of a realm have been looked at again after a change.',
    fields: (t) => ({ total: t.exposeInt('total'), done: t.exposeInt('done') }),
  });

export const BindingRef = builder.prismaNode('Binding', {
  id: { field: 'id' },
  nullable: true,
  description: 'A policy, attached to a realm with a configuration.',
  findUnique: (id, { caller }) => ({ id, ...visibleRealmFilter(caller) }),
  fields: (t) => ({
    realm: t.relation('realm', { type: RealmRef }),
    policy: t.exposeString('policy', { description: 'The name of the module.' }),
    hash: t.exposeString('hash', { description: 'The version of the module that is asked.' }),
    title: t.exposeString('title'),
    followsModule: t.exposeBoolean('followsModule', {
      description: 'Whether it moves on to a new version of the module by itself, once every node has that.',
    }),
    config: t.field({ type: 'JSON', select: { config: true }, resolve: ({ config }) => config }),
    mode: t.expose('mode', { type: BindingModeEnum }),
    selector: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Which keys it is for, as it was written; null: all of the realm.',
      select: { selector: true },
      resolve: ({ selector }) => selector,
    }),
    noticePeriod: t.field({
      type: 'Duration',
      description: 'How far ahead it brings a stop nearer.',
      select: { noticeMs: true },
      resolve: ({ noticeMs }) => Number(noticeMs),
    }),
    revision: t.exposeInt('revision', { description: 'One more with each change.' }),
    reason: t.exposeString('reason', { nullable: true }),
    effectiveAt: t.expose('effectiveAt', {
      type: 'DateTime',
      description: 'Until then it is announced: shown, and changing nothing.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    changedAt: t.expose('changedAt', { type: 'DateTime' }),
    unboundAt: t.expose('unboundAt', { type: 'DateTime', nullable: true }),
    health: t.expose('health', { type: BindingHealthEnum }),
    fault: t.field({
      type: BindingFaultRef,
      nullable: true,
      description: 'While it is BROKEN.',
      select: { fault: true, brokenAt: true, retryAt: true },
      resolve: ({ fault, brokenAt, retryAt }) =>
        brokenAt === null || retryAt === null
          ? null
          : { ...(fault as unknown as StoredFault), since: brokenAt, retryAt },
    }),
    progress: t.field({
      type: ReviewProgressRef,
      nullable: true,
      description: 'While the keys of the realm are looked at again.',
      select: { sweepCursor: true, sweepTotal: true, sweepDone: true },
      resolve: ({ sweepCursor, sweepTotal, sweepDone }) =>
        sweepCursor === null ? null : { total: Math.max(sweepTotal, sweepDone), done: sweepDone },
    }),
  }),
});

builder.prismaObjectField(RealmRef, 'bindings', (t) =>
  t.field({
    type: [BindingRef],
    description: 'The policies that are bound to it, announced ones included.',
    select: { bindings: { where: { unboundAt: null }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] } },
    resolve: ({ bindings }) => bindings,
  }),
);
