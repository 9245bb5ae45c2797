import { isFailure } from '../domain/failure.ts';
import { kindOf } from '../domain/id.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import type { PolicyCore } from './apply-policies.ts';
import type { KeyIssuance } from './create-key.ts';
import { authorizeIssue, issueRows, type NewKeyInput } from './issue-rows.ts';
import type { IssueTarget } from './new-key-bounds.ts';

export interface IssueKeyInput extends NewKeyInput {
  /** The realm's slug. */
  readonly realm: string;
}

/** Issues a key for an owner. Its secret is returned once. */
export const issueKey = useCase<IssueKeyInput, IssueTarget, KeyIssuance, PolicyCore>()({
  name: 'issueKey',
  guessable: ['subject'],
  rehearse: rehearsePolicies,

  // A key that calls is locked, and so is a subject: several of them could be locked in another order by another node.
  groupOf: (caller, { realm, subject, owner }) =>
    caller.kind === 'ACCOUNT' && subject == null && (owner == null || kindOf(owner) !== 'subject') ? realm : null,

  authorize: (change, caller, { realm, ...input }) => authorizeIssue(change, caller, realm, [{ input, place: null }]),

  async run(change, _caller, input, target) {
    const issued = await issueRows(change, [{ input, place: null }], target);
    if (isFailure(issued)) return issued;
    const [only] = issued;
    if (only === undefined) throw new Error('no key was issued');
    return only;
  },
});
