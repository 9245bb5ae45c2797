import { createHash } from 'node:crypto';
import { seededDraw as drawFrom, type Draw as BareDraw } from '../../src/policies/check/seeded-draw.ts';
import type { Random } from '../../src/store/random.ts';

/** Draws that are the same in every run: of a test that fails, the seed says which run it was. */
export interface Draw extends Omit<BareDraw, 'pick'> {
  pick<Value>(values: readonly Value[]): Value;
  shuffle<Value>(values: readonly Value[]): Value[];
}

export function seededDraw(seed: number): Draw {
  const draw = drawFrom(seed);
  return {
    ...draw,
    pick: (values) => values[draw.below(values.length)]!,
    shuffle(values) {
      const shuffled = [...values];
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = draw.below(last + 1);
        [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
      }
      return shuffled;
    },
  };
}

/** Random bytes that are the same in every run, so that the same owners are in a cohort. */
export function seededBytes(seed: number): Random {
  let count = 0;
  return (size) => {
    count += 1;
    return createHash('shake256', { outputLength: size }).update(`${seed} ${count}`).digest();
  };
}
