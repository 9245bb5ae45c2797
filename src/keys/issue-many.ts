import { isFailure } from '../domain/failure.ts';
import { badUserInput } from '../domain/request-error.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import type { PolicyCore } from './apply-policies.ts';
import { authorizeIssue, issueRows, type NewKeyInput, type NewKeyRow } from './issue-rows.ts';
import type { IssueTarget } from './new-key-bounds.ts';

/** How many keys one mutation issues or imports. */
export const BULK_ROWS_MAX = 1_000;

export interface IssueKeysInput {
  /** The realm's slug. */
  readonly realm: string;
  readonly keys: readonly NewKeyInput[];
}

/** The new keys in the order of the input, and the delivery of the secret of each. */
export type KeyIssuances = { readonly keyIds: readonly string[]; readonly deliveries: readonly Delivery[] };

/** Issues up to 1,000 keys in one transaction: all of them, or none. Their secrets are returned once. */
export const issueKeys = useCase<IssueKeysInput, IssueTarget, KeyIssuances, PolicyCore>()({
  name: 'issueKeys',
  guessable: ['keys'],
  rehearse: rehearsePolicies,
  turnOf: ({ realm }) => realm,

  authorize(change, caller, { realm, keys }) {
    checkRowCount(keys.length);
    return authorizeIssue(change, caller, realm, placeRows(keys));
  },

  async run(change, _caller, { keys }, target) {
    const issued = await issueRows(change, placeRows(keys), target);
    if (isFailure(issued)) return issued;
    return { keyIds: issued.map(({ keyId }) => keyId), deliveries: issued.map(({ delivery }) => delivery) };
  },
});

/** Checks how many rows a bulk mutation has. @throws BAD_USER_INPUT */
export function checkRowCount(count: number): void {
  if (count > 0 && count <= BULK_ROWS_MAX) return;
  throw badUserInput(`keys: found ${count}; expected 1 to ${BULK_ROWS_MAX}.`, ['input', 'keys']);
}

function placeRows(keys: readonly NewKeyInput[]): readonly NewKeyRow[] {
  return keys.map((input, place) => ({ input, place }));
}
