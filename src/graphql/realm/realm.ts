import { findOpenRoles } from '../../domain/ceiling.ts';
import { may } from '../../domain/permission.ts';
import { secretPatternOf } from '../../domain/secret-prefix.ts';
import { builder } from '../builder.ts';
import { LeakResponseEnum, RoleEnum } from '../enums.ts';

const ActionRef = builder.prismaObject('Action', {
  description: 'An action of a realm’s catalogue: something that a key’s scope can allow.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The action’s name in scopes, for example package:push.' }),
    description: t.exposeString('description', {
      description: 'What the action allows, for people: 1 to 500 characters.',
    }),
    retiredAt: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the action was retired: new keys cannot get it, and keys that have it keep it. Null: the action is not retired.',
    }),
  }),
});

const CeilingRef = builder.prismaObject('Ceiling', {
  description:
    'One scope of a role’s ceiling. Accounts of that role can issue keys only with scopes that the role’s ceiling includes. Administrators have no ceiling.',
  fields: (t) => ({
    role: t.expose('role', {
      type: RoleEnum,
      description:
        'The account’s role in the organization that owns the key. For a key that an account itself owns, the ceiling of OWNER applies; if OWNER has no ceiling, that of MEMBER.',
    }),
    action: t.exposeString('action', {
      description: 'An action, prefix:* for all actions with that prefix, or * for all.',
    }),
    resource: t.exposeString('resource', {
      description: 'A glob of resources: * matches within a path segment (between /), ** across segments.',
    }),
  }),
});

const FreezeRef = builder.prismaObject('Freeze', {
  description:
    'A period in which no policy should stop a key. A stop that falls into it is postponed to its end. Expiries that a person chose do not move.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'When the freeze begins.' }),
    to: t.expose('to', {
      type: 'DateTime',
      description: 'When the freeze ends. This instant is not part of the freeze.',
    }),
    reason: t.exposeString('reason', { description: 'Why there is a freeze, for people: 1 to 100 characters.' }),
  }),
});

/** The foreign secrets of a realm, as its row has them. */
interface ForeignSecrets {
  readonly pattern: string;
  readonly randomBits: number;
}

const ForeignSecretsRef = builder.objectRef<ForeignSecrets>('ForeignSecrets').implement({
  description: 'The secrets of another system that verify in a realm after their digests were imported.',
  fields: (t) => ({
    pattern: t.exposeString('pattern', { description: 'What a whole secret matches.' }),
    randomBits: t.exposeInt('randomBits', { description: 'How many random bits a secret has at least.' }),
  }),
});

/** How a realm mails its subjects, as its row has it. */
interface SubjectMail {
  readonly senderName: string;
  readonly replyTo: string | null;
  readonly keysPage: string | null;
}

const SubjectMailRef = builder.objectRef<SubjectMail>('SubjectMail').implement({
  description: 'How a realm mails its subjects before their keys stop.',
  fields: (t) => ({
    senderName: t.exposeString('senderName', {
      description: 'The name under which subjects get mails: that of the API, as they know it.',
    }),
    replyTo: t.exposeString('replyTo', {
      nullable: true,
      description: 'The address for replies. Null: replies go to the sender of the gateway.',
    }),
    keysPage: t.exposeString('keysPage', {
      nullable: true,
      description: 'The page on which subjects see their keys, to which the mails link. Null: they link to none.',
    }),
  }),
});

export const RealmRef = builder.prismaNode('Realm', {
  id: { field: 'id' },
  nullable: true,
  description: 'A population of keys with its own actions, policies and limits: an API, a registry, an environment.',
  findUnique: (id, { caller }) => ({ id, ...(may(caller, 'realm.read', { realmId: id }) ? {} : { slug: '' }) }),
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'The realm’s unique name in URLs and inputs: 1 to 63 of a-z, 0-9 and -. It never changes.',
    }),
    name: t.exposeString('name', { description: 'The realm’s name, for people: 1 to 100 characters.' }),
    foldsCase: t.exposeBoolean('foldsCase', {
      description:
        'Whether scopes match resources without regard to case (Unicode simple case folding). Actions always match exactly.',
    }),
    minimumNotice: t.field({
      type: 'Duration',
      description:
        'The default and minimum notice period of the realm’s bindings: how far ahead a policy must announce that it shortens a key’s life.',
      select: { minimumNoticeMs: true },
      resolve: ({ minimumNoticeMs }) => Number(minimumNoticeMs),
    }),
    shortestLifetime: t.field({
      type: 'Duration',
      description: 'The shortest lifetime that may be requested at issue and renewal. Policies can only raise it.',
      select: { shortestLifetimeMs: true },
      resolve: ({ shortestLifetimeMs }) => Number(shortestLifetimeMs),
    }),
    longestLifetime: t.field({
      type: 'Duration',
      description: 'The longest lifetime that may be requested at issue and renewal. Policies can only lower it.',
      select: { longestLifetimeMs: true },
      resolve: ({ longestLifetimeMs }) => Number(longestLifetimeMs),
    }),
    freezes: t.field({
      type: [FreezeRef],
      description: 'The realm’s calendar of freezes, earliest first, past ones included. At most 100.',
      select: { freezes: { orderBy: [{ from: 'asc' }, { to: 'asc' }] } },
      resolve: ({ freezes }) => freezes,
    }),
    longestShift: t.field({
      type: 'Duration',
      description: 'How far a freeze may postpone a stop. A stop that would move further stays where it is.',
      select: { longestShiftMs: true },
      resolve: ({ longestShiftMs }) => Number(longestShiftMs),
    }),
    leakResponse: t.expose('leakResponse', {
      type: LeakResponseEnum,
      description: 'What happens to a key when its secret is reported as leaked.',
    }),
    signedTokens: t.exposeBoolean('signedTokens', {
      description:
        'Whether keys can be exchanged for signed tokens by POST /token. A signed token works until it expires, at most 5 minutes after it was issued, even if its key is revoked.',
    }),
    secretPrefix: t.exposeString('secretPrefix', {
      description: 'What new secrets of the realm begin with, such as acme_live_. Default: kt_, which realms share.',
    }),
    secretPattern: t.string({
      description:
        'One regular expression that finds all secrets of the realm in a text, those with an earlier prefix included. For scanners: RE2 accepts it. The last 6 digits of a find are the CRC-32 of all before them, which rules out lookalikes.',
      select: { secretPrefix: true, secretPrefixes: { select: { prefix: true } } },
      resolve: ({ secretPrefix, secretPrefixes }) =>
        secretPatternOf([secretPrefix, ...secretPrefixes.map(({ prefix }) => prefix)]),
    }),
    foreignSecrets: t.field({
      type: ForeignSecretsRef,
      nullable: true,
      description: 'The secrets of another system that verify in the realm. Null: none do.',
      select: { foreignPattern: true, foreignRandomBits: true },
      resolve: ({ foreignPattern, foreignRandomBits }) =>
        foreignPattern === null ? null : { pattern: foreignPattern, randomBits: foreignRandomBits ?? 0 },
    }),
    subjectMail: t.field({
      type: SubjectMailRef,
      nullable: true,
      description: 'How the realm mails its subjects before their keys stop. Null: it does not.',
      select: { subjectMailName: true, subjectMailReplyTo: true, subjectMailPage: true },
      resolve: ({ subjectMailName: senderName, subjectMailReplyTo: replyTo, subjectMailPage: keysPage }) =>
        senderName === null ? null : { senderName, replyTo, keysPage },
    }),
    portalOrigins: t.stringList({
      description:
        'The origins of the pages that use portal sessions, such as https://app.example. Others are refused.',
      select: { portalOrigins: true },
      resolve: ({ portalOrigins }) => portalOrigins ?? [],
    }),
    actions: t.field({
      type: [ActionRef],
      description: 'The catalogue of actions by name, retired ones included.',
      select: { actions: { orderBy: { name: 'asc' } } },
      resolve: ({ actions }) => actions,
    }),
    ceilings: t.field({
      type: [CeilingRef],
      description:
        'The ceilings of roles, one scope each. A role without an entry has no ceiling: it may give every scope of the catalogue.',
      select: { ceilings: { orderBy: [{ role: 'asc' }, { action: 'asc' }, { resource: 'asc' }] } },
      resolve: ({ ceilings }) => ceilings,
    }),
    rolesWithoutCeiling: t.field({
      type: [RoleEnum],
      description:
        'The roles that have no ceiling. Every account can create an organization and is OWNER there: to limit all accounts, give OWNER a ceiling too.',
      select: { ceilings: { orderBy: [{ role: 'asc' }, { action: 'asc' }, { resource: 'asc' }] } },
      resolve: ({ ceilings }) => findOpenRoles(ceilings),
    }),
  }),
});

builder.queryField('realm', (t) =>
  t.prismaField({
    type: 'Realm',
    nullable: true,
    description:
      'The realm with this slug. Null if there is none, or the caller may not see it. Accounts see every realm, a key only its own.',
    args: { slug: t.arg.string({ required: true, description: 'The realm’s slug.' }) },
    resolve: async (query, _root, { slug }, { db, caller }) => {
      const realm = await db.realm.findUnique({ where: { slug }, select: { id: true } });
      if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) return null;
      return db.realm.findUnique({ ...query, where: { slug } });
    },
  }),
);
