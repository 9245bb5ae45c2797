import { may } from '../../domain/permission.ts';
import { builder } from '../builder.ts';
import { LeakResponseEnum, RoleEnum } from '../enums.ts';

const ActionRef = builder.prismaObject('Action', {
  description: 'What keys of a realm can be allowed to do.',
  fields: (t) => ({
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    retiredAt: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From then on new keys do not get it.',
    }),
  }),
});

const CeilingRef = builder.prismaObject('Ceiling', {
  description: 'The most that keys issued by accounts of a role may be given: one scope of it.',
  fields: (t) => ({
    role: t.expose('role', { type: RoleEnum }),
    action: t.exposeString('action'),
    resource: t.exposeString('resource'),
  }),
});

const FreezeRef = builder.prismaObject('Freeze', {
  description: 'A time in which nothing is to stop by itself. At `to` it is over.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    reason: t.exposeString('reason'),
  }),
});

export const RealmRef = builder.prismaNode('Realm', {
  id: { field: 'id' },
  nullable: true,
  description: 'One population of keys with its own scopes and bounds: an API, a registry, an environment.',
  findUnique: (id, { caller }) => ({ id, ...(may(caller, 'realm.read', { realmId: id }) ? {} : { slug: '' }) }),
  fields: (t) => ({
    slug: t.exposeString('slug'),
    name: t.exposeString('name'),
    foldsCase: t.exposeBoolean('foldsCase', { description: 'Whether resources match without regard to case.' }),
    minimumNotice: t.field({
      type: 'Duration',
      description: 'How far ahead policy has to tell of a stop.',
      select: { minimumNoticeMs: true },
      resolve: ({ minimumNoticeMs }) => Number(minimumNoticeMs),
    }),
    shortestLifetime: t.field({
      type: 'Duration',
      select: { shortestLifetimeMs: true },
      resolve: ({ shortestLifetimeMs }) => Number(shortestLifetimeMs),
    }),
    longestLifetime: t.field({
      type: 'Duration',
      select: { longestLifetimeMs: true },
      resolve: ({ longestLifetimeMs }) => Number(longestLifetimeMs),
    }),
    freezes: t.field({
      type: [FreezeRef],
      description: 'The calendar: times in which nothing is to stop by itself.',
      select: { freezes: { orderBy: [{ from: 'asc' }, { to: 'asc' }] } },
      resolve: ({ freezes }) => freezes,
    }),
    longestShift: t.field({
      type: 'Duration',
      description: 'How far a stop is moved to be out of a freeze, at most.',
      select: { longestShiftMs: true },
      resolve: ({ longestShiftMs }) => Number(longestShiftMs),
    }),
    leakResponse: t.expose('leakResponse', {
      type: LeakResponseEnum,
      description: 'What becomes of a key whose secret is reported as leaked.',
    }),
    actions: t.field({
      type: [ActionRef],
      description: 'The catalogue, retired actions included.',
      select: { actions: { orderBy: { name: 'asc' } } },
      resolve: ({ actions }) => actions,
    }),
    ceilings: t.field({
      type: [CeilingRef],
      description: 'A role that is not listed has no ceiling of its own.',
      select: { ceilings: { orderBy: [{ role: 'asc' }, { action: 'asc' }, { resource: 'asc' }] } },
      resolve: ({ ceilings }) => ceilings,
    }),
  }),
});

builder.queryField('realm', (t) =>
  t.prismaField({
    type: 'Realm',
    nullable: true,
    args: { slug: t.arg.string({ required: true }) },
    resolve: async (query, _root, { slug }, { db, caller }) => {
      const realm = await db.realm.findUnique({ where: { slug }, select: { id: true } });
      if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) return null;
      return db.realm.findUnique({ ...query, where: { slug } });
    },
  }),
);
