import { randomBytes } from 'node:crypto';

/** The single source of randomness: returns `size` unpredictable bytes. Injected, so that a test can choose them. */
export type Random = (size: number) => Uint8Array;

export const systemRandom: Random = (size) => randomBytes(size);
