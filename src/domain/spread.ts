import { createHmac } from 'node:crypto';
import { DAY_MS } from './duration.ts';

/** Separates the offsets from other uses of an HMAC of a key's id. Not a secret. */
const SPREAD = 'keytide spread of stops';

/**
 * Returns by how much the stops of a key are later, so that the stops of many keys do not fall together (rule 49): HMAC-SHA-256 of
 * the key's id, modulo the time over which they are spread, in whole days. Always the same for a key and a time, from 0 to
 * less than the time; 0 if that is shorter than a day. Both times are in ms.
 */
export function spreadOffset(keyId: string, spreadOverMs: number): number {
  const dayCount = Math.floor(spreadOverMs / DAY_MS);
  if (dayCount < 1) return 0;
  const digest = createHmac('sha256', SPREAD).update(keyId).digest();
  return Number(digest.readBigUInt64BE() % BigInt(dayCount)) * DAY_MS;
}
