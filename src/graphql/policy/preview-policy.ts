import {
  compareChanges,
  type ChangePosition,
  type PolicyPreview,
  type PreviewedKey,
  type PreviewedOwner,
  type PreviewedWeek,
} from '../../bindings/count-preview.ts';
import type { PreviewedFault } from '../../bindings/count-faults.ts';
import { previewPolicy } from '../../bindings/preview.ts';
import type { Json } from '../../domain/event.ts';
import { badUserInput } from '../../domain/request-error.ts';
import type { Selector } from '../../domain/selector.ts';
import { builder } from '../builder.ts';
import { StopBasisEnum } from '../enums.ts';
import { KeyRef } from '../key/key.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../keyset.ts';
import { OwnerRef } from '../owner.ts';
import { BindingModeEnum } from './binding.ts';
import { ReasonRef } from './explanation.ts';
import { KeySelectorRef } from './binding-mutations.ts';

const PreviewPolicyInputRef = builder.inputType('PreviewPolicyInput', {
  description: 'A new binding, or a change of one: what is left out stays as it is.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'Its slug.' }),
    bindingId: t.id({ description: 'Left out: a new binding of policy.' }),
    policy: t.string(),
    hash: t.string({ description: 'Another version of the module.' }),
    config: t.field({ type: 'JSON' }),
    selector: t.field({ type: KeySelectorRef }),
    mode: t.field({ type: BindingModeEnum }),
    noticePeriod: t.field({ type: 'Duration' }),
    effectiveAt: t.field({ type: 'DateTime', description: 'As of when it would be in force. Left out: now.' }),
    remove: t.boolean({ description: 'As if the binding were taken away.' }),
  }),
});

const PreviewedKeyRef = builder.objectRef<PreviewedKey>('PreviewedKey').implement({
  description: 'A key whose stop would move.',
  fields: (t) => ({
    key: t.prismaField({
      type: KeyRef,
      resolve: (query, { keyId }, _args, { db }) => db.key.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
    before: t.expose('before', { type: 'DateTime', nullable: true }),
    after: t.expose('after', { type: 'DateTime', nullable: true }),
    said: t.expose('said', {
      type: 'DateTime',
      nullable: true,
      description: 'What `after` would be if no notice were kept and nothing frozen: what policy says by itself.',
    }),
    reason: t.expose('reason', {
      type: ReasonRef,
      nullable: true,
      description: 'Why it would stop then. Null: a person chose that moment, or nothing stops it.',
    }),
    basis: t.expose('basis', { type: StopBasisEnum, nullable: true }),
    isNearer: t.exposeBoolean('isNearer'),
    wasRenewed: t.exposeBoolean('wasRenewed', { description: 'Whether somebody, or something, ever renewed it.' }),
  }),
});

const PreviewedKeyConnectionRef = builder.connectionObject(
  { type: PreviewedKeyRef, name: 'PreviewedKeyConnection' },
  { name: 'PreviewedKeyEdge' },
);

const PreviewedOwnerRef = builder.objectRef<PreviewedOwner>('PreviewedOwner').implement({
  description: 'What would become of the keys of one owner.',
  fields: (t) => ({
    owner: t.field({
      type: OwnerRef,
      resolve: ({ ownerId }, _args, { db }) =>
        ownerId.startsWith('organization_')
          ? db.organization.findUniqueOrThrow({ where: { id: ownerId } })
          : db.account.findUniqueOrThrow({ where: { id: ownerId } }),
    }),
    keyCount: t.exposeInt('keyCount'),
    nearerCount: t.exposeInt('nearerCount'),
  }),
});

const PreviewedWeekRef = builder.objectRef<PreviewedWeek>('PreviewedWeek').implement({
  description: 'How many keys would stop in one week, counted from the preview.',
  fields: (t) => ({
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    before: t.exposeInt('before', { description: 'Without the change.' }),
    after: t.exposeInt('after', { description: 'With the change.' }),
  }),
});

const PreviewedFaultRef = builder.objectRef<PreviewedFault>('PreviewedFault').implement({
  description: 'One way in which the module fails keys.',
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description: 'THROWS, LOOPS, NONSENSE, NOT_DETERMINISTIC, CRASHES or MISSING, as in POLICY_BROKEN.',
    }),
    message: t.exposeString('message'),
    keyCount: t.exposeInt('keyCount'),
    keyId: t.exposeID('keyId', { description: 'One of those keys.' }),
  }),
});

const PolicyPreviewRef = builder.objectRef<PolicyPreview>('PolicyPreview').implement({
  description: 'What a binding, or a change of one, would do to the keys of its realm: nothing has happened.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    previewToken: t.exposeString('previewToken', {
      description: 'Confirms the change with this preview, for a day: the brake lets through what it showed.',
    }),
    keyCount: t.exposeInt('keyCount'),
    nearerCount: t.exposeInt('nearerCount', {
      description:
        'Whose stop comes nearer, with notice kept, or is no longer moved by use: those that the brake counts.',
    }),
    furtherCount: t.exposeInt('furtherCount'),
    unchangedCount: t.exposeInt('unchangedCount'),
    faultCount: t.exposeInt('faultCount', {
      description: 'How many keys the module failed, or could not be asked about in time.',
    }),
    faults: t.field({
      type: [PreviewedFaultRef],
      description: 'In which ways it failed them, the most frequent ones first; at most 5.',
      resolve: ({ faults }) => [...faults],
    }),
    withoutAutomationCount: t.exposeInt('withoutAutomationCount', {
      description: 'Of those whose stop comes nearer, how many nobody and nothing ever renewed.',
    }),
    brakeShare: t.exposeInt('brakeShare', {
      description: 'How many stops may come nearer within an hour without the token.',
    }),
    byOwner: t.field({
      type: [PreviewedOwnerRef],
      description: 'Those with most stops that come nearer first, at most 100.',
      resolve: ({ byOwner }) => [...byOwner],
    }),
    byWeek: t.field({
      type: [PreviewedWeekRef],
      description: 'The weeks in which a key stops, before or after; at most 110.',
      resolve: ({ byWeek }) => [...byWeek],
    }),
    changes: t.field({
      type: PreviewedKeyConnectionRef,
      description: 'The keys whose stop moves, nearer ones first, soonest first; the first 10,000 of them.',
      args: { first: t.arg.int(), after: t.arg.string() },
      resolve: ({ changes }, { first, after }) => pageChanges(changes, first ?? PAGE_DEFAULT, after ?? null),
    }),
  }),
});

builder.queryField('previewPolicy', (t) =>
  t.field({
    type: PolicyPreviewRef,
    description: 'Which keys would change, how and when, before anything does. For administrators.',
    args: { input: t.arg({ type: PreviewPolicyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) => {
      const { realm, bindingId, policy, hash, config, selector, mode, noticePeriod, effectiveAt, remove } = input;
      return previewPolicy(services, caller, {
        realm,
        bindingId: bindingId ?? null,
        policy: policy ?? null,
        hash: hash ?? null,
        ...(config != null && { config: config as Json }),
        ...(selector !== undefined && { selector: selector as Selector | null }),
        mode: mode ?? null,
        noticeMs: noticePeriod ?? null,
        effectiveAt: effectiveAt ?? null,
        remove: remove ?? null,
      });
    },
  }),
);

/** A page by keyset: another preview may have come between, in which a key is no longer among them. */
function pageChanges(changes: readonly PreviewedKey[], size: number, after: string | null) {
  if (size < 0 || size > PAGE_MAX) throw badUserInput(`first: found ${size}; a page has 0 to ${PAGE_MAX}.`, ['first']);
  const place = after === null ? null : decodeChangeCursor(after);
  const rest = place === null ? changes : changes.filter((change) => compareChanges(place, change) < 0);
  const edges = rest.slice(0, size).map((node) => ({ cursor: encodeChangeCursor(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rest.length > size,
      hasPreviousPage: place !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function encodeChangeCursor({ isNearer, after, keyId }: ChangePosition): string {
  return Buffer.from(JSON.stringify([isNearer, after?.getTime() ?? null, keyId])).toString('base64url');
}

function decodeChangeCursor(cursor: string): ChangePosition {
  try {
    const [isNearer, after, keyId] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    const isMoment = after === null || Number.isSafeInteger(after);
    if (typeof isNearer === 'boolean' && isMoment && typeof keyId === 'string') {
      return { isNearer, after: after === null ? null : new Date(after as number), keyId };
    }
  } catch {
    // What is no cursor is answered like one of another list.
  }
  throw badUserInput('after: found what is no cursor of this list. Take it from pageInfo or an edge.', ['after']);
}
