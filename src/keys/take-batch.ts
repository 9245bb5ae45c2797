import type { Random } from '../store/random.ts';

/** How many keys one transaction reviews. */
export const BATCH = 200;

/** From how many due keys a node takes a batch, at a random place, while other nodes review the oldest ones. */
export const CANDIDATES = 8 * BATCH;

/** Takes a batch: all ids if they are no more, else a run that begins anywhere and continues at the first id. */
export function takeBatch(ids: readonly string[], random: Random): readonly string[] {
  if (ids.length <= BATCH) return ids;
  const [high = 0, low = 0] = random(2);
  const from = Math.floor(((high * 256 + low) / 65_536) * ids.length);
  return [...ids.slice(from), ...ids.slice(0, from)].slice(0, BATCH);
}
