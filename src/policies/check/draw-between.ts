import type { Instant } from '../contract.ts';
import type { Draw } from './seeded-draw.ts';

/** An instant from one to the other, either of them included, and often one of them. */
export function drawBetween(draw: Draw, from: Instant, to: Instant): Instant {
  const inside = from + draw.below(to - from + 1);
  return draw.isChance(0.4) ? draw.pick([from, to]) : inside;
}
