import { DAY_MS } from '../../src/domain/duration.ts';
import { seededDraw, type Draw } from '../../src/policies/check/seeded-draw.ts';

/** How many days a history lasts. */
export const YEARS_DAYS = 5 * 365;

/** When a key is needed, in days after the beginning. */
export interface KeyHistory {
  readonly kind: string;
  readonly issuedOn: number;
  readonly neededOn: readonly number[];
  /** Whether the key is never needed again after its last need; else it is needed to the end of the years. */
  readonly isAbandoned: boolean;
}

interface Kind {
  readonly name: string;
  /** Its share of all keys, in percent. */
  readonly share: number;
  /** Draws the days from one release to the next. */
  readonly pause: (draw: Draw) => number;
  /** Draws the days on which a release needs the key, after its first. */
  readonly corrections: (draw: Draw) => readonly number[];
}

const none = () => [];

/** Draws about a number of days: by up to this share more or less, and seldom much more. */
const about = (days: number, share: number) => (draw: Draw) => {
  const swing = ((draw.below(1_000) + draw.below(1_000)) / 1_000 - 1) * share;
  return Math.max(1, Math.round(days * (1 + swing) * (draw.isChance(0.03) ? 2 : 1)));
};

/** The rhythms of packages and their shares: 110, 365 and 512 days are gaps that users of registries named. */
const kinds: readonly Kind[] = [
  { name: 'daily', share: 20, pause: (draw) => (draw.isChance(0.01) ? 21 : 1 + draw.below(3)), corrections: none },
  { name: 'monthly', share: 10, pause: about(30, 0.4), corrections: none },
  { name: 'every 110 days', share: 20, pause: about(110, 0.3), corrections: (draw) => upTo(draw, 2, 6) },
  { name: 'in bursts', share: 10, pause: about(90, 0.5), corrections: (draw) => upTo(draw, 6, 20) },
  { name: 'yearly', share: 14, pause: about(365, 0.15), corrections: (draw) => upTo(draw, 2, 6) },
  { name: 'every 512 days', share: 6, pause: about(512, 0.15), corrections: none },
  { name: 'irregular', share: 10, pause: (draw) => 10 + draw.below(20) ** 2, corrections: none },
];

/** The share of keys that are issued and never used, in percent. */
const NEVER_USED = 10;

/** How likely it is that a key that is used is abandoned some time in the years. */
const ABANDONED = 0.5;

/** Draws the histories of keys, the same ones for the same seed. */
export function drawHistories(count: number, seed: number): readonly KeyHistory[] {
  const draw = seededDraw(seed);
  return Array.from({ length: count }, () => drawHistory(draw));
}

function drawHistory(draw: Draw): KeyHistory {
  const issuedOn = draw.below(365);
  let place = draw.below(100) - NEVER_USED;
  if (place < 0) return { kind: 'never used', issuedOn, neededOn: [], isAbandoned: true };
  const kind = kinds.find(({ share }) => (place -= share) < 0) ?? kinds[0];
  if (kind === undefined) throw new Error('found no kind of keys');
  const isAbandoned = draw.isChance(ABANDONED);
  const last = isAbandoned ? issuedOn + 1 + draw.below(YEARS_DAYS - issuedOn) : YEARS_DAYS;
  const neededOn = new Set<number>();
  for (let day = issuedOn + draw.below(30); day < last; day += kind.pause(draw)) {
    for (const after of [0, ...kind.corrections(draw)]) if (day + after < last) neededOn.add(day + after);
  }
  return { kind: kind.name, issuedOn, neededOn: [...neededOn].sort((a, b) => a - b), isAbandoned };
}

function upTo(draw: Draw, most: number, days: number): readonly number[] {
  return Array.from({ length: draw.below(most + 1) }, () => 1 + draw.below(days));
}

/** Returns the beginning of a day of the years. */
export function momentOf(day: number): Date {
  return new Date(Date.UTC(2027, 0, 1) + day * DAY_MS);
}
