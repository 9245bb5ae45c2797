/** How far apart two means are, in standard errors: Welch's t-test. */
export function welchT(a: readonly number[], b: readonly number[]): number {
  const [first, second] = [summary(a), summary(b)];
  return (first.mean - second.mean) / Math.sqrt(first.variance / a.length + second.variance / b.length);
}

/**
 * The same of measured times, without the slowest twentieth of both together: those tell of the machine and not of what was
 * measured (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?", 2017, section III). Above 4.5 they differ.
 */
export function timingT(a: readonly number[], b: readonly number[]): number {
  const limit = [...a, ...b].sort((x, y) => x - y)[Math.floor((a.length + b.length) * 0.95)]!;
  const withoutOutliers = (times: readonly number[]) => times.filter((time) => time < limit);
  return welchT(withoutOutliers(a), withoutOutliers(b));
}

export function median(times: readonly number[]): number {
  return [...times].sort((x, y) => x - y)[Math.floor(times.length / 2)]!;
}

function summary(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, variance };
}
