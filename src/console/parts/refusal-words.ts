import type { Outcome } from '../api/operations.ts';

const words: Partial<Record<Outcome, string>> = {
  KEY_EXPIRED: 'the key expired',
  SECRET_RETIRED: 'its secret retired',
  KEY_HELD: 'a policy holds the key',
};

/** Returns why a consumer that worked was refused, as the end of a sentence. */
export function refusalWords(outcome: Outcome): string {
  return words[outcome] ?? 'the key does not work';
}
