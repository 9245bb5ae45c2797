import { DAY, HOUR, type Facts, type Instant, type Reading } from '../contract.ts';
import { drawKey, drawLength } from './draw-key.ts';
import { type Draw, drawBetween } from './seeded-draw.ts';
import { completeFacts, type PartialFacts } from './complete-facts.ts';
import type { Vocabulary } from './vocabulary.ts';

/** The arguments of a call: the facts of a key, and the moment of evaluation. */
export interface CheckCase {
  readonly facts: Facts;
  readonly moment: Instant;
}

type Parts = Required<PartialFacts>;

const MOST_DAYS = 400;
const MOST_COUNT = 2 ** 31 - 1;

/** The first day of the drawn moments. */
const FIRST_DAY = Date.UTC(2000);
/** The age of the oldest keys. */
const OLDEST = 4_000 * DAY;
/** No key is issued before this instant. */
export const FIRST_ISSUE: Instant = FIRST_DAY - OLDEST;

const moments = [
  Date.UTC(2026, 10, 23, 12),
  Date.UTC(1999, 11, 31, 23, 59, 59, 999),
  Date.UTC(2028, 1, 29),
  Date.UTC(2100, 0, 1),
] as const;

const ages = [
  0,
  1,
  HOUR,
  DAY - 1,
  DAY,
  DAY + 1,
  30 * DAY,
  90 * DAY,
  365 * DAY - 1,
  365 * DAY,
  366 * DAY,
  3650 * DAY,
] as const;

/**
 * Draws facts that a gateway could pass to a module with these `reads`. The members are consistent, past facts lie before the moment,
 * and edge cases and words of the module's vocabulary are more frequent than by chance.
 */
export function drawCase(draw: Draw, reads: readonly Reading[], words: Vocabulary): CheckCase {
  const moment = draw.isChance(0.4) ? draw.pick(moments) : FIRST_DAY + draw.below(100 * 365) * DAY + draw.below(DAY);
  const createdAt = moment - (draw.isChance(0.6) ? draw.pick(ages) : draw.below(OLDEST));
  const key = drawKey(draw, createdAt, moment, words);
  const use = drawUse(draw, key, moment, reads);
  const owner = reads.includes('OWNER') ? drawOwner(draw, moment) : { createdAt };
  const given: PartialFacts = { key, use, owner, realm: drawRealm(draw, moment) };
  return {
    facts: completeFacts(draw.isChance(0.5) ? given : { ...given, request: drawRequest(draw, key, moment) }),
    moment,
  };
}

function drawUse(
  draw: Draw,
  { grantedAt, renewedAt, createdAt }: { grantedAt: Instant; renewedAt: Instant | null; createdAt: Instant },
  moment: Instant,
  reads: readonly Reading[],
) {
  const known = Math.max(grantedAt, renewedAt ?? grantedAt);
  // Sometimes the key was resumed after a hold: its last activity is then later than its grant and its renewal.
  const resumedAt = draw.isChance(0.1) ? drawBetween(draw, known, moment) : known;
  if (draw.isChance(0.3)) return { activeAt: resumedAt };
  const lastUsedAt = drawBetween(draw, createdAt, moment);
  const firstUsedAt = drawBetween(draw, createdAt, lastUsedAt);
  return {
    activeAt: Math.max(resumedAt, lastUsedAt),
    firstUsedAt,
    lastUsedAt,
    days: reads.includes('DAYS') ? drawDays(draw, firstUsedAt, lastUsedAt) : [],
    consumers: reads.includes('CONSUMERS') ? drawConsumers(draw, firstUsedAt, lastUsedAt) : [],
  };
}

function drawDays(draw: Draw, from: Instant, to: Instant): Instant[] {
  const days = new Set([dayOf(from), dayOf(to)]);
  const count = draw.pick([0, 1, 10, MOST_DAYS]);
  for (let drawn = 0; drawn < count; drawn += 1) days.add(dayOf(drawBetween(draw, from, to)));
  return [...days].sort((one, other) => one - other).slice(-MOST_DAYS);
}

function drawConsumers(draw: Draw, from: Instant, to: Instant) {
  const names = draw.pick([[], ['github.com/acme/core'], ['', 'ci', 'laptop']]);
  return names.map((name) => {
    const firstUsedAt = drawBetween(draw, from, to);
    return { name, firstUsedAt, lastUsedAt: drawBetween(draw, firstUsedAt, to) };
  });
}

function drawOwner(draw: Draw, moment: Instant) {
  const createdAt = moment - (draw.isChance(0.6) ? draw.pick(ages) : draw.below(OLDEST));
  const isOrganization = draw.isChance(0.5);
  const kind = draw.isChance(0.1) ? 'SUBJECT' : 'ACCOUNT';
  return {
    kind: isOrganization ? 'ORGANIZATION' : kind,
    createdAt,
    lastSignInAt: draw.isChance(0.3) ? null : drawBetween(draw, createdAt, moment),
    isEmailVerified: draw.isChance(0.7),
    disabledAt: draw.isChance(0.2) ? drawBetween(draw, createdAt, moment) : null,
    memberCount: isOrganization ? draw.pick([1, 60, MOST_COUNT]) : 1,
  } satisfies Parts['owner'];
}

function drawRequest(draw: Draw, { createdAt }: { createdAt: Instant }, moment: Instant): Parts['request'] {
  const expiresAt = draw.isChance(0.4) ? null : moment + drawLength(draw);
  return { kind: createdAt === moment ? 'ISSUE' : 'RENEW', expiresAt };
}

function drawRealm(draw: Draw, moment: Instant): Parts['realm'] {
  if (draw.isChance(0.7)) return {};
  const weekends = Array.from({ length: 52 }, (_, week) => {
    const from = dayOf(moment) + week * 7 * DAY;
    return { from, to: from + 2 * DAY };
  });
  const freezes = draw.pick([
    weekends,
    [{ from: moment, to: moment + 14 * DAY }],
    [{ from: moment - DAY, to: moment }],
  ]);
  return { slug: 'packages', shortestLifetime: 1, longestLifetime: 3650 * DAY, freezes };
}

function dayOf(instant: Instant): Instant {
  return Math.floor(instant / DAY) * DAY;
}
