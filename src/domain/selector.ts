/** The prefix of labels that policies can rely on: only administrators may write them. */
export const POLICY_LABEL_PREFIX = 'policy/';

/** Which keys of a realm a binding applies to. All given conditions must match; a missing condition matches every key. */
export interface Selector {
  readonly owners?: readonly string[] | null;
  readonly keyIds?: readonly string[] | null;
  /** All of them must match, by name and value. */
  readonly labels?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly issuedBefore?: Date | null;
  readonly issuedAfter?: Date | null;
  readonly not?: Selector | null;
}

/** The fields of a key that selectors match. Policies set none of them. */
export interface SelectableKey {
  readonly id: string;
  readonly ownerId: string;
  readonly createdAt: Date;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}

/** Whether a selector matches a key. Null matches every key. */
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
