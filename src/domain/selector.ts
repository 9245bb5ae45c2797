/** The labels that policies go by: administrators of a realm alone write them. */
export const POLICY_LABEL_PREFIX = 'policy/';

/** Which keys of a realm a binding is for. All that is given has to hold; what is left out holds for all. */
export interface Selector {
  readonly owners?: readonly string[] | null;
  readonly keyIds?: readonly string[] | null;
  /** Each of them, by name and value. */
  readonly labels?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly issuedBefore?: Date | null;
  readonly issuedAfter?: Date | null;
  readonly not?: Selector | null;
}

/** What of a key selectors go by: nothing that policies set themselves. */
export interface SelectableKey {
  readonly id: string;
  readonly ownerId: string;
  readonly createdAt: Date;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}

/** Whether a binding with that selector is for a key; null is for all. */
export function selects(selector: Selector | null, key: SelectableKey): boolean {
  if (selector === null) return true;
  const { owners, keyIds, labels, issuedBefore, issuedAfter, not } = selector;
  const has = ({ name, value }: { name: string; value: string }) =>
    key.labels.some((label) => label.name === name && label.value === value);
  return (
    (owners == null || owners.includes(key.ownerId)) &&
    (keyIds == null || keyIds.includes(key.id)) &&
    (labels == null || labels.every(has)) &&
    (issuedBefore == null || key.createdAt < issuedBefore) &&
    (issuedAfter == null || key.createdAt >= issuedAfter) &&
    (not == null || !selects(not, key))
  );
}
