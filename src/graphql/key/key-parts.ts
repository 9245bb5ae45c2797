import type { Scope } from '../../domain/scope.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { builder } from '../builder.ts';
import { showHoldReason, showHoldSource } from '../shown-actor.ts';

export const ScopeRef = builder.objectRef<Scope>('Scope').implement({
  description: 'What a key may do: one action, on the resources that a glob matches.',
  fields: (t) => ({
    action: t.exposeString('action', {
      description:
        'An action of the realm’s catalogue, for example package:push, or one of keytide:verify, keytide:read, keytide:issue, keytide:follow and keytide:manage.',
    }),
    resource: t.exposeString('resource', {
      description: 'A glob: * matches within a path segment (between /), ** across segments; all else is literal.',
    }),
  }),
});

export const LabelRef = builder.objectRef<{ name: string; value: string }>('Label').implement({
  description: 'A name and a value that describe a key, for example repo: serilog-sinks-console.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Unique among the labels of a key. Policies select keys by labels under policy/.',
    }),
    value: t.exposeString('value', { description: 'Any text of 1 to 256 characters.' }),
  }),
});

export const HoldRef = builder.prismaNode('Hold', {
  id: { field: 'id' },
  nullable: true,
  description: 'A suspension of a key. The key is refused while it has at least one hold.',
  findUnique: (id, { caller }) => ({ id, AND: [{ key: visibleKeys(caller) }] }),
  fields: (t) => ({
    source: t.string({
      description:
        'Who holds the key: the name of a person, the title of a policy, the reporter of a leak, or the key that manages the realm’s subjects. A portal session sees the kind alone.',
      resolve: (hold, _args, { caller }) => showHoldSource(caller, hold),
    }),
    reason: t.string({
      description: 'Why the key is held, for people.',
      resolve: (hold, _args, { caller }) => showHoldReason(caller, hold),
    }),
    since: t.expose('since', { type: 'DateTime', description: 'When the hold began.' }),
    operationId: t.id({
      nullable: true,
      description:
        'The operation that placed this hold: undoing it lifts the hold. Null: no operation did, or the caller is a portal session.',
      resolve: ({ operationId }, _args, { caller }) => (caller.kind === 'PORTAL' ? null : operationId),
    }),
  }),
});

export const SecretRef = builder.prismaNode('Secret', {
  id: { field: 'id' },
  nullable: true,
  description: 'One generation of the string that a key sends. The string itself is shown once, when it is made.',
  findUnique: (id, { caller }) => ({ id, AND: [{ key: visibleKeys(caller) }] }),
  fields: (t) => ({
    start: t.exposeString('start', { description: 'The first 9 characters of the secret, to recognize it by.' }),
    generation: t.exposeInt('generation', { description: 'Counts the secrets of a key, from 1.' }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the key was issued or rotated to this secret.',
    }),
    firstUsedAt: t.expose('firstUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the secret was first used. Null: never.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the secret was last used. Null: never.',
    }),
    retiresAt: t.expose('retiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From this moment on the secret is refused. Null for the current secret.',
    }),
  }),
});

export const NoticeRef = builder.prismaObject('Notice', {
  description:
    'A warning ahead of a stop. Each notice is recorded as an event KEY_EXPIRING, or KEY_STOPS_BEFORE_NEXT_USE, and delivered by mail or webhook where one is set up.',
  fields: (t) => ({
    stopsAt: t.expose('stopsAt', { type: 'DateTime', description: 'The stop that the notice is about.' }),
    threshold: t.field({
      type: 'Duration',
      description:
        'How far ahead of the stop the notice is due: P30D, P14D, P7D, P1D, or a third of a short life; any time if it is about the next use.',
      resolve: ({ thresholdMs }) => Number(thresholdMs),
    }),
    nextUseFrom: t.expose('nextUseFrom', {
      type: 'DateTime',
      nullable: true,
      description:
        'From when on the key was likely to be used next, if the notice says that it stops before then. Null: the notice is about the stop.',
    }),
    nextUseTo: t.expose('nextUseTo', {
      type: 'DateTime',
      nullable: true,
      description: 'Before when that use was likely to begin. Null: the notice is about the stop.',
    }),
    givenAt: t.expose('givenAt', { type: 'DateTime', description: 'When the notice was recorded.' }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When a mail server or a webhook first accepted the notice. Null: none has yet, or there is nowhere to send the notice.',
    }),
    failedAt: t.expose('failedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last attempt to mail the notice failed for good. Null: no attempt failed for good.',
    }),
  }),
});
