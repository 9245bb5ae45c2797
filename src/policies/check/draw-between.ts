import type { Instant } from '../contract.ts';
import type { Draw } from './seeded-draw.ts';

/** Draws an instant between two others, inclusive. Often it is one of the two bounds. */
export function drawBetween(draw: Draw, from: Instant, to: Instant): Instant {
  const inside = from + draw.below(to - from + 1);
  return draw.isChance(0.4) ? draw.pick([from, to]) : inside;
}
