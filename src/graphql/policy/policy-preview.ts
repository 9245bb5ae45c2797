import {
  compareChanges,
  type ChangePosition,
  type PolicyPreview,
  type PreviewedKey,
  type PreviewedOwner,
  type PreviewedWeek,
} from '../../bindings/count-preview.ts';
import type { PolicyReplay } from '../../replay/count-replay.ts';
import type { PreviewedFault } from '../../bindings/count-faults.ts';
import type { FindingCode, FindingSeverity, PolicyFinding } from '../../bindings/count-findings.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';
import { relayDescriptions } from '../default-descriptions.ts';
import { StopBasisEnum } from '../enums.ts';
import { KeyRef } from '../key/key.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../keyset.ts';
import { OwnerRef } from '../owner.ts';
import { faultKindDescription } from './binding.ts';
import { ReasonRef } from './explanation.ts';
import { findOwnerById } from './find-owner.ts';
import { PolicyReplayRef } from './policy-replay.ts';

const PreviewedKeyRef = builder.objectRef<PreviewedKey>('PreviewedKey').implement({
  description: 'A key whose stop the change would move.',
  fields: (t) => ({
    key: t.prismaField({
      type: KeyRef,
      description: 'The key whose stop would move.',
      resolve: (query, { keyId }, _args, { db }) => db.key.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
    before: t.expose('before', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key stops without the change. Null: nothing stops the key.',
    }),
    after: t.expose('after', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the key would stop with the change, notice and freezes applied. Null: nothing would stop the key.',
    }),
    said: t.expose('raw', {
      type: 'DateTime',
      nullable: true,
      description:
        'What `after` would be without notice and freezes: the raw verdict. Null: nothing would stop the key.',
    }),
    reason: t.expose('reason', {
      type: ReasonRef,
      nullable: true,
      description:
        'Why the key would stop at `after`. Null: a person or program chose that expiry, or nothing would stop it.',
    }),
    basis: t.expose('basis', {
      type: StopBasisEnum,
      nullable: true,
      description: 'Whether a use of the key would move `after`. Null: nothing would stop it.',
    }),
    isNearer: t.exposeBoolean('isNearer', {
      description: 'Whether the brake counts the key: its stop moves earlier, or can no longer be moved by use.',
    }),
    wasRenewed: t.exposeBoolean('wasRenewed', {
      description: 'Whether a person or program has ever renewed the key. False: probably no automation renews it.',
    }),
  }),
});

const PreviewedKeyConnectionRef = builder.connectionObject(
  { type: PreviewedKeyRef, name: 'PreviewedKeyConnection' },
  { name: 'PreviewedKeyEdge' },
);

const PreviewedOwnerRef = builder.objectRef<PreviewedOwner>('PreviewedOwner').implement({
  description: 'The effect on the keys of one owner.',
  fields: (t) => ({
    owner: t.field({
      type: OwnerRef,
      description: 'The account, organization or subject that owns the keys.',
      resolve: ({ ownerId }, _args, { db }) => findOwnerById(db, ownerId),
    }),
    keyCount: t.exposeInt('keyCount', { description: 'How many keys the owner has in the realm.' }),
    nearerCount: t.exposeInt('nearerCount', {
      description: 'How many of these keys have isNearer.',
    }),
    nearerByWeek: t.intList({
      description:
        'How many of the keys with isNearer stop in each week of PolicyPreview.byWeek with the change, in the order of byWeek. Only keys among PolicyPreview.changes are counted.',
      resolve: ({ nearerByWeek }) => [...nearerByWeek],
    }),
  }),
});

const PreviewedWeekRef = builder.objectRef<PreviewedWeek>('PreviewedWeek').implement({
  description: 'How many keys stop in one week, without and with the change.',
  fields: (t) => ({
    startsAt: t.expose('startsAt', {
      type: 'DateTime',
      description:
        'The start of the week. Weeks are counted from the moment of the preview; the first also counts keys that are overdue.',
    }),
    before: t.exposeInt('before', { description: 'How many keys stop without the change.' }),
    after: t.exposeInt('after', { description: 'How many keys stop with the change.' }),
  }),
});

const PreviewedFaultRef = builder.objectRef<PreviewedFault>('PreviewedFault').implement({
  description: 'One kind of failure of the policy module, and how many keys it affects.',
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description: faultKindDescription,
    }),
    message: t.exposeString('message', { description: 'What happened, for people.' }),
    keyCount: t.exposeInt('keyCount', { description: 'How many keys fail in this way.' }),
    keyId: t.exposeID('keyId', { description: 'The id of one of these keys.' }),
  }),
});

const FindingCodeEnum = builder.enumType('PolicyFindingCode', {
  description: 'What is found in a change of policy, among the keys with isNearer.',
  values: describeValues({
    BELOW_CADENCE:
      'Keys would stop before they are usually used again: sooner after a use than the interval of their cadence. Keys without a cadence are not checked.',
    WITHOUT_AUTOMATION:
      'Keys that no program renews, of owners that no token rule of the realm issues keys to: a person must act before they stop.',
    SAME_DAY: 'Owners have 5 or more keys that would stop on the same day (UTC).',
    WEEKEND: 'Keys would stop on a Saturday or Sunday (UTC).',
  } satisfies Record<FindingCode, string>),
});

const FindingSeverityEnum = builder.enumType('PolicyFindingSeverity', {
  description: 'How severe a finding is.',
  values: describeValues({
    ERROR: 'Jobs would probably fail.',
    WARNING: 'People would have work with it.',
    INFO: 'Nothing fails because of it, and it could be done better.',
  } satisfies Record<FindingSeverity, string>),
});

const PolicyFindingRef = builder.objectRef<PolicyFinding>('PolicyFinding').implement({
  description: 'What a change of policy would probably do wrong, found among the keys with isNearer.',
  fields: (t) => ({
    code: t.expose('code', { type: FindingCodeEnum, description: 'What was found.' }),
    severity: t.expose('severity', { type: FindingSeverityEnum, description: 'How severe it is.' }),
    message: t.exposeString('message', { description: 'What was found, with its numbers, for people.' }),
    keyCount: t.exposeInt('keyCount', { description: 'How many keys it concerns.' }),
    ownerCount: t.exposeInt('ownerCount', { description: 'How many owners have these keys.' }),
    owners: t.field({
      type: [OwnerRef],
      description: 'The owners with the most of these keys, most keys first: at most 5.',
      resolve: ({ ownerIds }, _args, { db }) => Promise.all(ownerIds.map((id) => findOwnerById(db, id))),
    }),
    keys: t.prismaField({
      type: [KeyRef],
      description: 'Some of these keys, the one that would stop earliest first: at most 5.',
      resolve: async (query, { keyIds }, _args, { db }) => {
        const keys = await db.key.findMany({ ...query, where: { id: { in: [...keyIds] } } });
        return keyIds.flatMap((id) => keys.find((key) => key.id === id) ?? []);
      },
    }),
  }),
});

/** A preview, with the replay if one was requested. */
export interface ReplayedPreview extends PolicyPreview {
  readonly replay: PolicyReplay | null;
}

export const PolicyPreviewRef = builder.objectRef<ReplayedPreview>('PolicyPreview').implement({
  description: 'The effect of a change of policy on the keys of a realm. A preview changes nothing.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'The moment of the preview. All counts are of one snapshot.' }),
    previewToken: t.exposeString('previewToken', {
      description:
        'Give this token to bindPolicy or updateBinding with the same change within a day: the brake then allows as many shortenings as nearerCount, plus 1 %.',
    }),
    keyCount: t.exposeInt('keyCount', {
      description: 'How many keys of the realm were evaluated, selected or not. The same as realmKeyCount.',
    }),
    realmKeyCount: t.exposeInt('keyCount', {
      description: 'How many keys of the realm were evaluated, selected or not.',
    }),
    selectedKeyCount: t.exposeInt('selectedKeyCount', {
      description: 'How many keys of the realm the selector of the binding selects. Without a selector: all.',
    }),
    nearerCount: t.exposeInt('nearerCount', {
      description:
        'For how many keys the stop moves earlier, with notice applied, or can no longer be moved by use. The brake counts these keys.',
    }),
    furtherCount: t.exposeInt('furtherCount', { description: 'For how many keys the stop moves later.' }),
    unchangedCount: t.exposeInt('unchangedCount', {
      description: 'For how many keys of the realm, selected or not, the stop does not move.',
    }),
    faultCount: t.exposeInt('faultCount', {
      description: 'For how many keys the policy module failed, or could not be evaluated in time.',
    }),
    faults: t.field({
      type: [PreviewedFaultRef],
      description: 'The kinds of failure, most frequent first: at most 5.',
      resolve: ({ faults }) => [...faults],
    }),
    withoutAutomationCount: t.exposeInt('withoutAutomationCount', {
      description:
        'How many of the keys in nearerCount have never been renewed, so that probably no automation renews them.',
    }),
    findings: t.field({
      type: [PolicyFindingRef],
      description: 'What the change would probably do wrong, the most severe first: at most one of each code.',
      resolve: ({ findings }) => [...findings],
    }),
    replay: t.expose('replay', {
      type: PolicyReplayRef,
      nullable: true,
      description: 'What the change would have done to recorded jobs. Null: PreviewPolicyInput.replay was not given.',
    }),
    brakeShare: t.exposeInt('brakeShare', {
      description: 'How many keys may be shortened within an hour without the previewToken, before the brake engages.',
    }),
    byOwner: t.field({
      type: [PreviewedOwnerRef],
      description: 'The effect by owner, the owners with the highest nearerCount first: at most 100.',
      resolve: ({ byOwner }) => [...byOwner],
    }),
    byWeek: t.field({
      type: [PreviewedWeekRef],
      description:
        'The weeks in which at least one key stops, with or without the change, earliest first: at most 110.',
      resolve: ({ byWeek }) => [...byWeek],
    }),
    changes: t.field({
      type: PreviewedKeyConnectionRef,
      description:
        'The keys whose stop moves: first those with isNearer, then by `after`, earliest first. At most 10,000.',
      args: {
        first: t.arg.int(relayDescriptions.firstArgOptions),
        after: t.arg.string(relayDescriptions.afterArgOptions),
      },
      resolve: ({ changes }, { first, after }) => pageChanges(changes, first ?? PAGE_DEFAULT, after ?? null),
    }),
  }),
});

/** Returns a page by keyset. The cursor's key may be missing: the next page comes from a new preview. */
function pageChanges(changes: readonly PreviewedKey[], size: number, after: string | null) {
  if (size < 0 || size > PAGE_MAX) throw badUserInput(`first: found ${size}; a page has 0 to ${PAGE_MAX}.`, ['first']);
  const start = after === null ? null : decodeChangeCursor(after);
  const rest = start === null ? changes : changes.filter((change) => compareChanges(start, change) < 0);
  const edges = rest.slice(0, size).map((node) => ({ cursor: encodeChangeCursor(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rest.length > size,
      hasPreviousPage: start !== null,
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
    // A malformed cursor gets the same error as a cursor of another list.
  }
  throw badUserInput('after: expected a cursor of this list. Take it from pageInfo or an edge.', ['after']);
}
