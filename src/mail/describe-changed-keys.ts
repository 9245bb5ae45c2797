import type { ChangedKeys } from './load-changed-keys.ts';
import { formatUtcMoment } from './format-moment.ts';

/** Describes what an operation did to keys, one line for each point: what it means, who did it and why, what to do. */
export function describeChangedKeys(changed: ChangedKeys): readonly string[] {
  const { sentences, keyCount, actorName, approverName, reason, endedAt } = changed;
  const approval = approverName === null ? '' : `, with the approval of ${approverName}`;
  return [
    sentences.statement[keyCount === 1 ? 0 : 1],
    `Changed by ${actorName}${approval}, on ${formatUtcMoment(endedAt)}.`,
    `Why: ${reason}`,
    sentences.advice(actorName),
  ];
}

/** Returns how many keys an operation changed, and how: "12 API keys were held". */
export function countChangedKeys({ keyCount, sentences }: Pick<ChangedKeys, 'keyCount' | 'sentences'>): string {
  const [one, many] = sentences.headline;
  return keyCount === 1 ? `An API key ${one}` : `${keyCount} API keys ${many}`;
}

/** Returns the line that counts the keys that a mail does not list; null: it lists all. */
export function countOmittedKeys({ keyCount, keys }: Pick<ChangedKeys, 'keyCount' | 'keys'>): string | null {
  const omitted = keyCount - keys.length;
  if (omitted === 0) return null;
  return omitted === 1 ? 'and one more key' : `and ${omitted} more keys`;
}
