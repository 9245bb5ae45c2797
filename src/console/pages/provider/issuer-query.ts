import { graphql } from '../../api/graphql.ts';
import type { TrustedIssuersQuery as TrustedIssuers } from '../../api/operations.ts';

export const TrustedIssuersQuery = graphql(`
  query TrustedIssuers($realm: String!) {
    realm(slug: $realm) {
      name
      issuers(first: 100) {
        edges {
          node {
            id
            name
            url
            preset
            audience
            keySet
            createdAt
            changedAt
            rules(first: 1) {
              edges {
                cursor
              }
            }
          }
        }
      }
    }
  }
`);

/** An issuer with all that the page shows of it. */
export type IssuerDetails = NonNullable<TrustedIssuers['realm']>['issuers']['edges'][number]['node'];

export const trustIssuerDocument = graphql(`
  mutation TrustIssuerOnPage($input: TrustIssuerInput!) {
    trustIssuer(input: $input) {
      ... on TrustIssuerSuccess {
        issuer {
          id
          audience
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const updateIssuerDocument = graphql(`
  mutation UpdateIssuerOnPage($input: UpdateIssuerInput!) {
    updateIssuer(input: $input) {
      ... on UpdateIssuerSuccess {
        issuer {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const distrustIssuerDocument = graphql(`
  mutation DistrustIssuerOnPage($input: DistrustIssuerInput!) {
    distrustIssuer(input: $input) {
      ... on DistrustIssuerSuccess {
        issuer {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);
