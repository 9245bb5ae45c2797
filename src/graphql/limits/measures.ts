/** What an operation asks for, measured. */
export interface Measures {
  readonly depth: number;
  readonly breadth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly cost: number;
  readonly introspection: number;
  readonly signIns: number;
}

/** The same of a part. In a connection the cost of its entries is kept apart until it is known how many there are. */
export interface PartMeasures extends Measures {
  readonly entryCost: number;
}

/** Fragments in fragments can double what they hold at each step: numbers stop here, where sums and products stay exact. */
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

/** The limits that are measured. */
export const measureNames: readonly (keyof Measures)[] = names.filter((name) => name !== 'entryCost');

/** Parts side by side: as deep as the deepest, and the sum of all else. */
export function addParts(...parts: readonly PartMeasures[]): PartMeasures {
  return merge(parts, (name, sum, more) => (name === 'depth' ? Math.max(sum, more) : sum + more));
}

/** Of operations that stand in one document, the most of each. */
export function takeMaximum(parts: readonly PartMeasures[]): PartMeasures {
  return merge(parts, (_name, most, other) => Math.max(most, other));
}

function merge(
  parts: readonly PartMeasures[],
  how: (name: keyof PartMeasures, one: number, other: number) => number,
): PartMeasures {
  const merged: { -readonly [Name in keyof PartMeasures]: number } = { ...zeroPart };
  for (const part of parts) {
    for (const name of names) merged[name] = Math.min(CEILING, how(name, merged[name], part[name]));
  }
  return merged;
}
