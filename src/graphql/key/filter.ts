import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { kindOf } from '../../domain/id.ts';
import type { KeyState } from '../../domain/key.ts';
import { builder } from '../builder.ts';
import { KeyStateEnum, StandingEnum } from '../enums.ts';

export const LabelInputRef = builder.inputType('LabelInput', {
  fields: (t) => ({ name: t.string({ required: true }), value: t.string({ required: true }) }),
});

export const KeyFilterRef = builder.inputType('KeyFilter', {
  description: 'All that is given has to hold.',
  fields: (t) => ({
    realm: t.string({ description: 'Its slug.' }),
    owner: t.id({ description: 'An account or an organization.' }),
    states: t.field({ type: [KeyStateEnum] }),
    standings: t.field({ type: [StandingEnum] }),
    labels: t.field({ type: [LabelInputRef], description: 'Keys that have all of them.' }),
    stopsBefore: t.field({ type: 'DateTime' }),
    stopsAfter: t.field({ type: 'DateTime', description: 'At or after.' }),
    unusedSince: t.field({ type: 'DateTime', description: 'Not used since then, or never.' }),
    neverUsed: t.boolean(),
    search: t.string({ description: 'Part of the name, whatever its case, or the first characters of a secret.' }),
  }),
});

export type KeyFilter = typeof KeyFilterRef.$inferInput;

/** The keys that a filter chooses, at an instant. */
export function filteredKeys(filter: KeyFilter | null | undefined, now: Date): Prisma.KeyWhereInput {
  if (filter == null) return {};
  const { realm, owner, states, standings, labels, stopsBefore, stopsAfter, unusedSince, neverUsed, search } = filter;
  const all: Prisma.KeyWhereInput[] = [];
  if (realm != null) all.push({ realm: { slug: realm } });
  if (owner != null) all.push(kindOf(owner) === 'organization' ? { organizationId: owner } : { accountId: owner });
  if (states != null) all.push({ OR: states.map((state) => inState(state, now)) });
  if (standings != null) all.push({ standing: { in: [...standings] } });
  for (const { name, value } of labels ?? []) all.push({ labels: { some: { name, value } } });
  if (stopsBefore != null) all.push({ stopsAt: { lt: stopsBefore } });
  if (stopsAfter != null) all.push({ stopsAt: { gte: stopsAfter } });
  if (unusedSince != null) all.push({ OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: unusedSince } }] });
  if (neverUsed != null) all.push({ lastUsedAt: neverUsed ? null : { not: null } });
  if (search != null && search !== '') all.push(matching(search));
  return { AND: all };
}

/** What stateOf says of one key, for lists. */
export function inState(state: KeyState, now: Date): Prisma.KeyWhereInput {
  const isExpired = { OR: [{ expiredAt: { not: null } }, { expiryBasis: 'HARD' as const, expiresAt: { lte: now } }] };
  const isLive = { revokedAt: null, NOT: isExpired };
  switch (state) {
    case 'REVOKED':
      return { revokedAt: { not: null } };
    case 'EXPIRED':
      return { revokedAt: null, ...isExpired };
    case 'HELD':
      return { ...isLive, holds: { some: {} } };
    case 'ACTIVE':
      return { ...isLive, holds: { none: {} } };
  }
}

function matching(search: string): Prisma.KeyWhereInput {
  // In a LIKE pattern these three speak for others; here they are themselves.
  const literal = search.replaceAll(/[\\%_]/g, String.raw`\$&`);
  const byName = { name: { contains: literal, mode: 'insensitive' as const } };
  return { OR: [byName, { secrets: { some: { start: search } } }] };
}
