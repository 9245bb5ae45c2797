/** Returns the median, with the smallest and the largest value, as text. */
export function spread(values: readonly number[], digits = 0): string {
  const { least, middle, most } = spreadOf(values);
  return `${middle.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}

export function spreadOf(values: readonly number[]): { least: number; middle: number; most: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { least: at(0), middle: at(Math.floor(sorted.length / 2)), most: at(sorted.length - 1) };
}
