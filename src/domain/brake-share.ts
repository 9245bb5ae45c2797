/** One key in this many active keys may have its stop shortened; in a small realm, one key in `ONE_IN_OF_FEW`. */
const ONE_IN = 100;
const ONE_IN_OF_FEW = 20;
/** The 5 % of a small realm give at most this many shortened keys. */
const MOST_OF_FEW = 10;

/**
 * Returns how many keys of a realm may have their stop shortened within an hour, by one cause and by all causes together: 1 % of
 * the active keys, or 5 % but at most 10, whichever is more; at least 1.
 */
export function brakeShare(activeCount: number): number {
  const ofFew = Math.min(MOST_OF_FEW, activeCount / ONE_IN_OF_FEW);
  return Math.max(1, Math.floor(Math.max(activeCount / ONE_IN, ofFew)));
}

/** Returns a number of active keys for which `brakeShare` is at least this share. */
export function activeCountForShare(share: number): number {
  return share * ONE_IN;
}
