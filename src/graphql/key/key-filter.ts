import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { kindOf } from '../../domain/id.ts';
import type { KeyState } from '../../domain/key.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { SECRET_START_LENGTH } from '../../domain/secret.ts';
import { textProblem } from '../../domain/text.ts';
import { MAX_LABELS } from '../../keys/check-labels.ts';
import { liveKeys } from '../../keys/live-keys.ts';
import { builder } from '../builder.ts';
import { KeyStateEnum, StandingEnum } from '../enums.ts';

/** The longest text that is searched for, in characters: that of a name. */
const SEARCH_MAX = 100;

/** What every secret begins with. */
const SECRET_PREFIX = 'kt_';

export const LabelInputRef = builder.inputType('LabelInput', {
  fields: (t) => ({ name: t.string({ required: true }), value: t.string({ required: true }) }),
});

export const KeyFilterRef = builder.inputType('KeyFilter', {
  description: 'All that is given has to hold.',
  fields: (t) => ({
    realm: t.string({ description: 'Its slug.' }),
    owner: t.id({ description: 'An account or an organization.' }),
    parent: t.id({ description: 'The key that issued them.' }),
    states: t.field({ type: [KeyStateEnum] }),
    standings: t.field({ type: [StandingEnum] }),
    labels: t.field({ type: [LabelInputRef], description: 'Keys that have all of them.' }),
    stopsBefore: t.field({ type: 'DateTime' }),
    stopsAfter: t.field({ type: 'DateTime', description: 'At or after.' }),
    unusedSince: t.field({ type: 'DateTime', description: 'Not used since then, or never.' }),
    neverUsed: t.boolean(),
    exchanged: t.boolean({ description: 'Whether they were exchanged for tokens of jobs.' }),
    search: t.string({
      description: 'Part of the name, whatever its case, or the first characters of a secret: kt_ and more.',
    }),
  }),
});

export type KeyFilter = typeof KeyFilterRef.$inferInput;

const noKeys: Prisma.KeyWhereInput = { id: { in: [] } };

/** The keys that a filter chooses, at an instant. */
export function filterKeys(filter: KeyFilter | null | undefined, now: Date): Prisma.KeyWhereInput {
  if (filter == null) return {};
  const {
    realm,
    owner,
    parent,
    states,
    standings,
    labels,
    stopsBefore,
    stopsAfter,
    unusedSince,
    neverUsed,
    exchanged,
    search,
  } = filter;
  const all: Prisma.KeyWhereInput[] = [];
  if (realm != null) all.push({ realm: { slug: realm } });
  if (owner != null) all.push(kindOf(owner) === 'organization' ? { organizationId: owner } : { accountId: owner });
  if (parent != null) all.push({ parentId: parent });
  // Prisma passes over an OR of nothing, but in no state is no key.
  if (states != null) all.push(states.length === 0 ? noKeys : { OR: states.map((state) => keysInState(state, now)) });
  if (standings != null) all.push({ standing: { in: [...standings] } });
  for (const { name, value } of checkLabelCount(labels ?? [])) all.push({ labels: { some: { name, value } } });
  if (stopsBefore != null) all.push({ stopsAt: { lt: stopsBefore } });
  if (stopsAfter != null) all.push({ stopsAt: { gte: stopsAfter } });
  if (unusedSince != null) all.push({ OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: unusedSince } }] });
  if (neverUsed != null) all.push({ lastUsedAt: neverUsed ? null : { not: null } });
  if (exchanged != null) all.push({ tokenRuleId: exchanged ? { not: null } : null });
  if (search != null && search !== '') all.push(keysMatchingSearch(checkSearch(search)));
  return { AND: all };
}

function checkLabelCount<Label>(labels: readonly Label[]): readonly Label[] {
  if (labels.length <= MAX_LABELS) return labels;
  throw badUserInput(`labels: found ${labels.length}; a key has at most ${MAX_LABELS}.`, ['filter', 'labels']);
}

function checkSearch(search: string): string {
  const problem = textProblem(search, { name: 'search', max: SEARCH_MAX, mayHoldSecret: true });
  if (problem !== null) throw badUserInput(problem, ['filter', 'search']);
  return search;
}

/** What stateOf says of one key, for lists. */
export function keysInState(state: KeyState, now: Date): Prisma.KeyWhereInput {
  const isLive = liveKeys(now);
  switch (state) {
    case 'REVOKED':
      return { revokedAt: { not: null } };
    case 'EXPIRED':
      return { revokedAt: null, OR: [{ expiredAt: { not: null } }, { expiryBasis: 'HARD', expiresAt: { lte: now } }] };
    case 'HELD':
      return { ...isLive, holds: { some: {} } };
    case 'ACTIVE':
      return { ...isLive, holds: { none: {} } };
  }
}

/** Keys by a part of their name; by the beginning of a secret too, where more than the prefix of all secrets is given. */
function keysMatchingSearch(search: string): Prisma.KeyWhereInput {
  const byName = { name: { contains: escapeLike(search), mode: 'insensitive' as const } };
  if (!search.startsWith(SECRET_PREFIX) || search.length === SECRET_PREFIX.length) return byName;
  const start = escapeLike(search.slice(0, SECRET_START_LENGTH));
  return { OR: [byName, { secrets: { some: { start: { startsWith: start } } } }] };
}

/** In a LIKE pattern three signs speak for others; here they are themselves. */
function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
