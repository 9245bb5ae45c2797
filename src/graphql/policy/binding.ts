import { seesPolicies, visiblePolicyFilter } from '../../realms/visible-realms.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';
import { RealmRef } from '../realm/realm.ts';

export const faultKindDescription =
  'THROWS: the module threw an error. LOOPS: the module did not reply in time. NONSENSE: its reply is not a valid verdict. NOT_DETERMINISTIC: two evaluations of the same facts differed. CRASHES: its process ended or used too much memory. MISSING: this version of the module is not available.';

export const BindingModeEnum = builder.enumType('BindingMode', {
  description: 'Whether a policy is evaluated, and whether its verdicts apply.',
  values: describeValues({
    ENFORCED: 'The verdicts apply.',
    SHADOW: 'The verdicts are computed and shown on each key’s explanation, but change nothing.',
    PAUSED: 'The policy is not evaluated.',
  }),
});

const BindingHealthEnum = builder.enumType('BindingHealth', {
  description: 'Whether the policy module of a binding works.',
  values: describeValues({
    WORKING: 'The module gives valid verdicts.',
    BROKEN:
      'The module is missing or fails. For the keys for which it fails, its last verdicts stay in force. See fault.',
  }),
});

interface StoredFault {
  readonly kind: string;
  readonly message: string;
  readonly keyCount: number;
}

const BindingFaultRef = builder
  .objectRef<StoredFault & { readonly since: Date; readonly retryAt: Date }>('BindingFault')
  .implement({
    description: 'Why the policy module of a binding is BROKEN.',
    fields: (t) => ({
      kind: t.exposeString('kind', {
        description: faultKindDescription,
      }),
      message: t.exposeString('message', { description: 'What happened, for people: at most 300 characters.' }),
      keyCount: t.exposeInt('keyCount', {
        description: 'For how many keys the module failed and has given no valid verdict since.',
      }),
      since: t.expose('since', { type: 'DateTime', description: 'When the binding became BROKEN.' }),
      retryAt: t.expose('retryAt', { type: 'DateTime', description: 'When the gateway next retries the module.' }),
    }),
  });

const ReviewProgressRef = builder
  .objectRef<{ readonly total: number; readonly done: number }>('ReviewProgress')
  .implement({
    description: 'How many keys of a realm have been reviewed since a change of the binding.',
    fields: (t) => ({
      total: t.exposeInt('total', { description: 'How many keys the review covers.' }),
      done: t.exposeInt('done', { description: 'How many of them have been reviewed.' }),
    }),
  });

export const BindingRef = builder.prismaNode('Binding', {
  id: { field: 'id' },
  nullable: true,
  description: 'A policy that is attached to a realm, with a configuration, a mode and a selector.',
  findUnique: (id, { caller }) => ({ id, ...visiblePolicyFilter(caller) }),
  fields: (t) => ({
    realm: t.relation('realm', { type: RealmRef, description: 'The realm to whose keys the policy applies.' }),
    policy: t.exposeString('policy', { description: 'The name of the policy module.' }),
    hash: t.exposeString('hash', {
      description: 'The version of the policy module that is evaluated: the SHA-256 of its files.',
    }),
    title: t.exposeString('title', { description: 'The policy module’s title, for people.' }),
    followsModule: t.exposeBoolean('followsModule', {
      description:
        'Whether the binding moves to a new version of its module by itself, once every node has that version and it accepts the configuration.',
    }),
    config: t.field({
      type: 'JSON',
      description: 'The policy’s configuration, as it was given. Policy.configSchema describes it.',
      select: { config: true },
      resolve: ({ config }) => config,
    }),
    mode: t.expose('mode', { type: BindingModeEnum, description: 'Whether the verdicts apply.' }),
    selector: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The keys to which the policy applies, in the form of KeySelector. Null: all keys of the realm.',
      select: { selector: true },
      resolve: ({ selector }) => selector,
    }),
    noticePeriod: t.field({
      type: 'Duration',
      description: 'How far ahead this binding announces a stop that it moves earlier.',
      select: { noticeMs: true },
      resolve: ({ noticeMs }) => Number(noticeMs),
    }),
    revision: t.exposeInt('revision', { description: 'Starts at 1 and increases with each change of the binding.' }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why the last change was made, as its author gave it. Null: no reason was given.',
    }),
    effectiveAt: t.expose('effectiveAt', {
      type: 'DateTime',
      description:
        'When this revision takes effect. Before that it is announced: its verdicts are shown but change nothing, and the previous revision, if there is one, stays in force.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the policy was bound.' }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When the binding last changed.' }),
    unboundAt: t.expose('unboundAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the binding was removed. Null: it has not been removed.',
    }),
    health: t.expose('health', { type: BindingHealthEnum, description: 'Whether the policy module works.' }),
    fault: t.field({
      type: BindingFaultRef,
      nullable: true,
      description: 'Why the binding is BROKEN. Null: it is WORKING.',
      select: { fault: true, brokenAt: true, retryAt: true },
      resolve: ({ fault, brokenAt, retryAt }) =>
        brokenAt === null || retryAt === null
          ? null
          : { ...(fault as unknown as StoredFault), since: brokenAt, retryAt },
    }),
    progress: t.field({
      type: ReviewProgressRef,
      nullable: true,
      description: 'The progress of the review of all keys that follows a change. Null: no such review is running.',
      select: { sweepCursor: true, sweepTotal: true, sweepDone: true },
      resolve: ({ sweepCursor, sweepTotal, sweepDone }) =>
        sweepCursor === null ? null : { total: Math.max(sweepTotal, sweepDone), done: sweepDone },
    }),
  }),
});

builder.prismaObjectField(RealmRef, 'bindings', (t) =>
  t.field({
    type: [BindingRef],
    description:
      'The policies that are bound to the realm, oldest binding first, announced ones included. None for keys with the scope keytide:manage, which see no policies.',
    select: { bindings: { where: { unboundAt: null }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] } },
    resolve: ({ bindings }, _args, { caller }) => (seesPolicies(caller) ? bindings : []),
  }),
);
