/** The share is that of so many active keys, of few keys of fewer. */
const ONE_IN = 100;
const ONE_IN_OF_FEW = 20;
const MOST_OF_FEW = 10;

/**
 * How many keys of a realm may have their stop brought nearer within an hour, by one cause and by all together: 1 % of those
 * that are active, or of few keys 5 %, up to 10; at least 1.
 */
export function brakeShare(activeCount: number): number {
  const ofFew = Math.min(MOST_OF_FEW, activeCount / ONE_IN_OF_FEW);
  return Math.max(1, Math.floor(Math.max(activeCount / ONE_IN, ofFew)));
}

/** Of so many active keys the share is at least that. */
export function activeCountForShare(share: number): number {
  return share * ONE_IN;
}
