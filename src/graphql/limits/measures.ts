/** The measures of an operation. */
export interface Measures {
  readonly depth: number;
  readonly breadth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly cost: number;
  readonly introspection: number;
  readonly signIns: number;
}

/**
 * The measures of a part of an operation. `entryCost` is the cost of one entry of a connection, until its page size is
 * known.
 */
export interface PartMeasures extends Measures {
  readonly entryCost: number;
}

/**
 * Nested fragments can double a count at each level. Counts stop here, where sums and products of numbers are still
 * exact.
 */
const CEILING = 1e12;

export const zeroPart: PartMeasures = {
  depth: 0,
  breadth: 0,
  aliases: 0,
  directives: 0,
  cost: 0,
  entryCost: 0,
  introspection: 0,
  signIns: 0,
};

const names = Object.keys(zeroPart) as (keyof PartMeasures)[];

/** The names of the limits that are measured. */
export const measureNames: readonly (keyof Measures)[] = names.filter((name) => name !== 'entryCost');

/** Combines parts that stand side by side: the largest depth, and the sum of every other measure. */
export function addParts(...parts: readonly PartMeasures[]): PartMeasures {
  return merge(parts, (name, sum, more) => (name === 'depth' ? Math.max(sum, more) : sum + more));
}

/** Returns the largest of each measure, over the operations of a document. */
export function takeMaximum(parts: readonly PartMeasures[]): PartMeasures {
  return merge(parts, (_name, most, other) => Math.max(most, other));
}

function merge(
  parts: readonly PartMeasures[],
  combine: (name: keyof PartMeasures, a: number, b: number) => number,
): PartMeasures {
  const merged: { -readonly [Name in keyof PartMeasures]: number } = { ...zeroPart };
  for (const part of parts) {
    for (const name of names) merged[name] = Math.min(CEILING, combine(name, merged[name], part[name]));
  }
  return merged;
}
