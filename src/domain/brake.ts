/**
 * How many keys of a realm may have their stop brought nearer within an hour, by one cause and by all together: 1 % of those
 * that are active, or of few keys 5 %, up to 10; at least 1.
 */
export function brakeShare(activeCount: number): number {
  return Math.max(1, Math.floor(Math.max(activeCount * 0.01, Math.min(10, activeCount * 0.05))));
}
