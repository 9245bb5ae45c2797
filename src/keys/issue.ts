import { isFailure } from '../domain/failure.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import type { PolicyCore } from './apply-policies.ts';
import type { KeyIssuance } from './create-key.ts';
import { authorizeIssue, issueRows, type IssueTarget, type NewKeyInput } from './issue-rows.ts';

export interface IssueKeyInput extends NewKeyInput {
  /** The realm's slug. */
  readonly realm: string;
}

/** Issues a key for an owner. Its secret is returned once. */
export const issueKey = useCase<IssueKeyInput, IssueTarget, KeyIssuance, PolicyCore>()({
  name: 'issueKey',
  guessable: ['subject'],
  rehearse: rehearsePolicies,

  authorize: (change, caller, { realm, ...input }) => authorizeIssue(change, caller, realm, [{ input, place: null }]),

  async run(change, _caller, input, target) {
    const issued = await issueRows(change, [{ input, place: null }], target);
    if (isFailure(issued)) return issued;
    const [only] = issued;
    if (only === undefined) throw new Error('no key was issued');
    return only;
  },
});
