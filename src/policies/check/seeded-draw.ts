/** Draws that are the same in every run, so that what fails once fails again. */
export interface Draw {
  /** A whole number from 0 up to, and without, the limit. */
  below(limit: number): number;
  /** True with that probability. */
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
