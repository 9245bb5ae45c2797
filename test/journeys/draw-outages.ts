import type { Draw } from '../support/seeded-random.ts';
import type { CiSystem } from './ci-systems.ts';

/** Share of days on which an outage of a store starts, and its longest duration in days. */
const OUTAGE_SHARE = 1 / 15;
const OUTAGE_DAYS_MAX = 3;

/** Draws outages for each store independently. The returned function is called each day. */
export function drawOutages(systems: readonly CiSystem[], draw: Draw): () => void {
  const daysLeft = new Map(systems.map((system) => [system, 0]));
  return () => {
    for (const [system, days] of daysLeft) {
      const remaining = days > 0 ? days - 1 : draw.isChance(OUTAGE_SHARE) ? 1 + draw.below(OUTAGE_DAYS_MAX) : 0;
      daysLeft.set(system, remaining);
      system.disturb(remaining > 0);
    }
  };
}
