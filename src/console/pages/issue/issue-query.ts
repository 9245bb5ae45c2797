import { graphql } from '../../api/graphql.ts';
import type { IssueRulesQuery } from '../../api/operations.ts';

export const RulesQuery = graphql(`
  query IssueRules($realm: String!, $owner: ID) {
    realm(slug: $realm) {
      name
      foldsCase
      actions {
        name
        description
        retiredAt
      }
    }
    issueBounds(realm: $realm, owner: $owner) {
      earliest
      earliestReason
      latest
      latestReason
      defaultExpiresAt
      stopsAt
      stopsBasis
      stopReason
    }
  }
`);

export const issueDocument = graphql(`
  mutation IssueOnPage($input: IssueKeyInput!) {
    issueKey(input: $input) {
      ... on IssueKeySuccess {
        secret
        key {
          id
          name
          stopsAt
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

/** What holds for a new key of an owner in a realm. */
export type IssueRules = IssueRulesQuery;

export type IssueBoundsOfOwner = NonNullable<IssueRulesQuery['issueBounds']>;

/** What a person should know of the secret of a new key. */
export const SECRET_MEANING =
  'This is the only time that it is shown. Every program that has it can do what the key may do.';
