import { DAY, HOUR, type Instant, type KeyFacts, type Milliseconds } from '../contract.ts';
import { type Draw, drawBetween } from './seeded-draw.ts';
import type { Vocabulary } from './vocabulary.ts';

const MOST_COUNT = 2 ** 31 - 1;
const LONGEST_NAME = 'k'.repeat(100);
/** The usual number of labels: with a larger vocabulary each word is drawn less often, because a key has at most 50 labels. */
const USUAL_LABELS = 25;

const lifetimes = [1, HOUR, DAY, 30 * DAY, 90 * DAY, 365 * DAY, 3650 * DAY] as const;

const manyScopes = Array.from({ length: 100 }, (_, index) => ({ action: 'package:push', resource: `Acme.${index}` }));

/** Draws a key with this creation instant. Its name and labels often come from the module's vocabulary. */
export function drawKey(draw: Draw, createdAt: Instant, moment: Instant, words: Vocabulary) {
  const isRenewed = draw.isChance(0.4);
  const renewedAt = isRenewed ? drawBetween(draw, createdAt, moment) : null;
  const grantedAt = renewedAt !== null && draw.isChance(0.7) ? renewedAt : createdAt;
  const isRotated = draw.isChance(0.3);
  return {
    name: draw.isChance(0.5) ? draw.pick(['ci', 'Ω≠ 🔑 release', LONGEST_NAME]) : drawWord(draw, words.names, 'ci'),
    createdAt,
    grantedAt,
    renewedAt,
    renewalCount: isRenewed ? draw.pick([1, 2, MOST_COUNT]) : 0,
    chosenExpiresAt: draw.isChance(0.5) ? null : grantedAt + drawLength(draw),
    secretCreatedAt: isRotated ? drawBetween(draw, createdAt, moment) : createdAt,
    secretGeneration: isRotated ? draw.pick([2, MOST_COUNT]) : 1,
    isChild: draw.isChance(0.2),
    labels: draw.isChance(0.3) ? {} : drawLabels(draw, words),
    scopes: drawScopes(draw, words),
  } satisfies Partial<KeyFacts>;
}

/** Draws a duration from a millisecond to ten years. */
export function drawLength(draw: Draw): Milliseconds {
  return draw.isChance(0.6) ? draw.pick(lifetimes) : 1 + draw.below(3650 * DAY);
}

function drawLabels(draw: Draw, { labelNames, labelValues }: Vocabulary): KeyFacts['labels'] {
  const names = ['policy/tier', 'repo', ...labelNames];
  const share = Math.min(0.5, USUAL_LABELS / names.length);
  const present = names.filter(() => draw.isChance(share));
  return Object.fromEntries(present.map((name) => [name, drawValue(draw, labelValues)]));
}

function drawValue(draw: Draw, values: readonly string[]): string {
  return draw.isChance(0.2) ? draw.pick(['', 'acme/core']) : drawWord(draw, values, 'trial');
}

/** Draws a word, or sometimes a text that begins or ends with it. */
function drawWord(draw: Draw, words: readonly string[], other: string): string {
  const word = draw.pick([other, ...words]);
  return draw.isChance(0.7) ? word : draw.pick([`${word}1`, `1${word}`]);
}

function drawScopes(draw: Draw, { actions }: Vocabulary): KeyFacts['scopes'] {
  const own = actions.map((action) => ({ action, resource: '**' }));
  return draw.pick([[], [{ action: 'package:push', resource: '**' }], manyScopes, own]);
}
