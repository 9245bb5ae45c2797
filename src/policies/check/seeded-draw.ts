import type { Instant } from '../contract.ts';
/** Random draws that are the same in every run, so that failures are reproducible. */
export interface Draw {
  /** Draws an integer from 0 to the limit, exclusive. */
  below(limit: number): number;
  /** Draws true with this probability. */
  isChance(probability: number): boolean;
  pick<Value>(values: readonly [Value, ...Value[]]): Value;
}

/** mulberry32, by Tommy Ettinger: small, and good enough to choose cases and orders. */
export function seededDraw(seed: number): Draw {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    isChance: (probability) => next() < probability,
    pick: (values) => values[below(values.length)] ?? values[0],
  };
}

/** Draws an instant between two others, inclusive. Often it is one of the two bounds. */
export function drawBetween(draw: Draw, from: Instant, to: Instant): Instant {
  const inside = from + draw.below(to - from + 1);
  return draw.isChance(0.4) ? draw.pick([from, to]) : inside;
}
