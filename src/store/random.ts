import { randomBytes, randomFillSync } from 'node:crypto';

/** The single source of randomness: returns `size` unpredictable bytes. Injected, so that a test can choose them. */
export type Random = (size: number) => Uint8Array;

/** A call of the system for each id would cost more than all else about the id. Secrets are longer, and never in the pool. */
const POOL_BYTES = 4_096;
const POOLED_MAX = 16;

const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

export const systemRandom: Random = (size) => {
  if (size > POOLED_MAX) return randomBytes(size);
  if (used + size > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += size;
  return pool.slice(used - size, used);
};
