import { graphql } from '../../api/graphql.ts';
import type { IssueRulesQuery } from '../../api/operations.ts';

export const OwnersQuery = graphql(`
  query IssueChoices {
    realms(first: 100) {
      edges {
        node {
          slug
          name
        }
      }
    }
    organizations(first: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

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
