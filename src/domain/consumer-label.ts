/** Label that names a key's consumer. Keys issued in exchange for a token get it from the token's claims. */
export const CONSUMER_LABEL = 'ci/consumer';

/**
 * Returns the consumer to record when a verifier names none: the key's own label, or an empty string if it has none.
 */
export function consumerLabelOf(labels: readonly { readonly name: string; readonly value: string }[]): string {
  return labels.find(({ name }) => name === CONSUMER_LABEL)?.value ?? '';
}
