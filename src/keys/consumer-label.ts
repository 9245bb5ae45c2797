import type { LabelInput } from './check-labels.ts';

/** The label of a key that says where it is used: every key that was exchanged for a token has it, from its claims. */
export const CONSUMER_LABEL = 'ci/consumer';

/** Where a secret is seen, when its verifier says nothing of that; empty: nobody knows. */
export function consumerLabelOf(labels: readonly LabelInput[]): string {
  return labels.find(({ name }) => name === CONSUMER_LABEL)?.value ?? '';
}
