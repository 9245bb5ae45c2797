import type { Draw } from '../support/seeded-random.ts';
import type { CiSystem } from './ci-systems.ts';

/** On one of so many days a store goes away, for up to so many days. */
const OUTAGE_SHARE = 1 / 15;
const OUTAGE_DAYS_MAX = 3;

/** Has stores go away and come back, each on its own. What is given back is called each day. */
export function drawOutages(systems: readonly CiSystem[], draw: Draw): () => void {
  const left = new Map(systems.map((system) => [system, 0]));
  return () => {
    for (const [system, days] of left) {
      const now = days > 0 ? days - 1 : draw.isChance(OUTAGE_SHARE) ? 1 + draw.below(OUTAGE_DAYS_MAX) : 0;
      left.set(system, now);
      system.disturb(now > 0);
    }
  };
}
