import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { kindOf } from '../../domain/id.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { ACTION_MAX } from '../../domain/scope.ts';
import { secretStartOf } from '../../domain/secret.ts';
import { labelNameProblem } from '../../domain/text.ts';
import { MAX_LABELS } from '../../keys/check-labels.ts';
import {
  keysInState,
  keysWithAutomation,
  leakedKeys,
  rotatingKeys,
  stalledKeys,
  unleakedKeys,
} from '../../keys/key-conditions.ts';
import { builder } from '../builder.ts';
import { checkSearch, matchPart, escapeLike } from '../search.ts';
import { KeyAutomationEnum, KeyStateEnum, StandingEnum } from '../enums.ts';
import { PAGE_MAX } from '../keyset.ts';
import { checkFilterText, matchOrigin } from './match-origin.ts';

export const LabelInputRef = builder.inputType('LabelInput', {
  description: 'A name and a value that describe a key, for example repo: serilog-sinks-console.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        '1 to 63 characters: a-z and 0-9, with . _ - / between them. Only administrators write names under policy/.',
    }),
    value: t.string({ required: true, description: 'Any text of 1 to 256 characters on one line.' }),
  }),
});

export const KeyFilterRef = builder.inputType('KeyFilter', {
  description: 'Which keys to choose. A key must match every field that is given.',
  fields: (t) => ({
    ids: t.idList({ description: 'Only these keys: at most 100 ids. An empty list chooses no key.' }),
    realm: t.string({ description: 'Slug of a realm: only keys of that realm.' }),
    owner: t.id({ description: 'Id of an account, organization or subject: only keys that it owns.' }),
    parent: t.id({ description: 'Id of a key: only keys that it issued.' }),
    subject: t.string({
      description:
        'External id of a subject: only keys that it owns. Give the realm too: each realm has its own subjects.',
    }),
    issuedBy: t.id({
      description:
        'Id of an account, key or portal session: only keys that it issued, a key with keytide:manage for subjects included.',
    }),
    tokenRule: t.id({
      description: 'Id of a token rule: only keys that it issued in exchange for the token of a CI job.',
    }),
    issuedAfter: t.field({ type: 'DateTime', description: 'Only keys that were issued at this moment or later.' }),
    issuedBefore: t.field({ type: 'DateTime', description: 'Only keys that were issued before this moment.' }),
    usedBy: t.string({
      description:
        'A consumer, as verifiers label it: only keys with a secret that it has used. Exactly as usage shows it.',
    }),
    states: t.field({
      type: [KeyStateEnum],
      description: 'Only keys in one of these states. An empty list chooses no key.',
    }),
    standings: t.field({
      type: [StandingEnum],
      description: 'Only keys in one of these dormancy states. An empty list chooses no key.',
    }),
    labels: t.field({ type: [LabelInputRef], description: 'Only keys that have all of these labels; at most 50.' }),
    stopsBefore: t.field({ type: 'DateTime', description: 'Only keys whose stopsAt is before this moment.' }),
    stopsAfter: t.field({ type: 'DateTime', description: 'Only keys whose stopsAt is this moment or later.' }),
    unusedSince: t.field({
      type: 'DateTime',
      description: 'Only keys that were last used before this moment, or were never used.',
    }),
    neverUsed: t.boolean({ description: 'True: only keys that were never used. False: only keys that were used.' }),
    exchanged: t.boolean({
      description: 'True: only keys that were issued in exchange for the token of a CI job. False: only other keys.',
    }),
    automation: t.field({
      type: [KeyAutomationEnum],
      description: 'Only keys with one of these automations. An empty list chooses no key.',
    }),
    rotating: t.boolean({ description: 'True: only keys with a pending rotation. False: only other keys.' }),
    stalled: t.boolean({
      description:
        'True: only keys whose pending rotation was extended, because the new secret was unused or a consumer had not moved. False: only other keys.',
    }),
    leaked: t.boolean({
      description: 'True: only keys with a secret that was reported as leaked. False: only other keys.',
    }),
    action: t.string({ description: 'An action: only keys with a scope for it, on any resource.' }),
    search: t.string({
      description:
        'Part of the name in any case, or the first characters of a secret (its prefix and more, such as kt_Ab1). At most 100 characters.',
    }),
  }),
});

export type KeyFilter = typeof KeyFilterRef.$inferInput;

const noKeys: Prisma.KeyWhereInput = { id: { in: [] } };

/**
 * Returns the Prisma condition for the keys that match a filter at an instant. Throws BAD_USER_INPUT for a bad filter.
 */
export function filterKeys(filter: KeyFilter | null | undefined, now: Date): Prisma.KeyWhereInput {
  if (filter == null) return {};
  const {
    ids,
    realm,
    owner,
    parent,
    states,
    standings,
    labels,
    issuedAfter,
    issuedBefore,
    stopsBefore,
    stopsAfter,
    unusedSince,
    neverUsed,
    exchanged,
    search,
  } = filter;
  const conditions: Prisma.KeyWhereInput[] = [...matchOrigin(filter), ...matchCare(filter, now)];
  if (ids != null) conditions.push({ id: { in: checkIds(ids) } });
  if (realm != null) conditions.push({ realm: { slug: realm } });
  if (owner != null) conditions.push(ownedBy(owner));
  if (parent != null) conditions.push({ parentId: parent });
  // Prisma ignores an empty OR, but an empty list of states must match no key.
  if (states != null)
    conditions.push(states.length === 0 ? noKeys : { OR: states.map((state) => keysInState(state, now)) });
  if (standings != null) conditions.push({ standing: { in: [...standings] } });
  for (const { name, value } of checkFilteredLabels(labels ?? []))
    conditions.push({ labels: { some: { name, value } } });
  if (issuedAfter != null) conditions.push({ createdAt: { gte: issuedAfter } });
  if (issuedBefore != null) conditions.push({ createdAt: { lt: issuedBefore } });
  if (stopsBefore != null) conditions.push({ stopsAt: { lt: stopsBefore } });
  if (stopsAfter != null) conditions.push({ stopsAt: { gte: stopsAfter } });
  if (unusedSince != null) conditions.push({ OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: unusedSince } }] });
  if (neverUsed != null) conditions.push({ lastUsedAt: neverUsed ? null : { not: null } });
  if (exchanged != null) conditions.push({ tokenRuleId: exchanged ? { not: null } : null });
  if (search != null && search !== '') conditions.push(keysMatchingSearch(checkSearch(search)));
  return { AND: conditions };
}

/** The fields of a filter that say what renews keys and what needs the care of a person. */
type Care = Pick<KeyFilter, 'automation' | 'rotating' | 'stalled' | 'leaked' | 'action'>;

function matchCare(filter: Care, now: Date): readonly Prisma.KeyWhereInput[] {
  const { automation, rotating, stalled, leaked, action } = filter;
  const conditions: Prisma.KeyWhereInput[] = [];
  if (automation != null) {
    conditions.push(automation.length === 0 ? noKeys : { OR: automation.map((one) => keysWithAutomation(one, now)) });
  }
  if (rotating != null) conditions.push(rotatingKeys(now, rotating));
  if (stalled === true) conditions.push(stalledKeys(now));
  if (stalled === false) conditions.push({ OR: [{ rotationExtended: false }, rotatingKeys(now, false)] });
  if (leaked != null) conditions.push(leaked ? leakedKeys : unleakedKeys);
  if (action != null) {
    checkFilterText(action, 'action', ACTION_MAX);
    conditions.push({ scopes: { array_contains: [{ action }] } });
  }
  return conditions;
}

function checkIds(ids: readonly string[]): string[] {
  if (ids.length <= PAGE_MAX) return [...ids];
  throw badUserInput(`ids: found ${ids.length}; expected at most ${PAGE_MAX}.`, ['filter', 'ids']);
}

function ownedBy(owner: string): Prisma.KeyWhereInput {
  switch (kindOf(owner)) {
    case 'organization':
      return { organizationId: owner };
    case 'subject':
      return { subjectId: owner };
    default:
      return { accountId: owner };
  }
}

function checkFilteredLabels<Label extends { readonly name: string }>(labels: readonly Label[]): readonly Label[] {
  const path = ['filter', 'labels'];
  if (labels.length > MAX_LABELS)
    throw badUserInput(`labels: found ${labels.length}; expected at most ${MAX_LABELS}.`, path);
  for (const { name } of labels) {
    const problem = labelNameProblem(name);
    if (problem !== null) throw badUserInput(`labels: ${problem}`, path);
  }
  return labels;
}

/** Matches a part of the name; also the start of a secret, if the text begins like one and is longer than its prefix. */
function keysMatchingSearch(search: string): Prisma.KeyWhereInput {
  const byName = { name: matchPart(search) };
  const start = secretStartOf(search);
  if (start === null) return byName;
  return { OR: [byName, { secrets: { some: { start: { startsWith: escapeLike(start) } } } }] };
}
