import { graphql } from '../../api/graphql.ts';
import type { KeyOfPageQuery, KeyHistoryQuery } from '../../api/operations.ts';

export const KeyQuery = graphql(`
  query KeyOfPage($id: ID!) {
    key(id: $id) {
      ...KeyRow
      description
      allowedAddresses
      notBefore
      stopsBasis
      isExchanged
      labels {
        name
        value
      }
      scopes {
        action
        resource
      }
      realm {
        slug
        name
      }
      issuedBy {
        kind
        name
      }
      holds {
        source
        reason
        since
      }
      explanation {
        summary
      }
      viewerCan
      renewalInfo {
        allowed
        mode
        reason
        suggestedAt
      }
      secrets {
        generation
        start
        createdAt
        lastUsedAt
        retiresAt
      }
      rotation {
        startedAt
        previousRetiresAt
        moved
        notMoved
        hasUnlabelled
      }
      cadence {
        interval
        intervalCount
        confidence
        nextUseFrom
        nextUseTo
      }
      usage {
        consumers {
          name
          generation
          count
          lastUsedAt
        }
        days {
          day
          outcome
          count
        }
        breakages {
          consumer
          outcome
          at
          lastUsedAt
        }
      }
    }
  }
`);

export const HistoryQuery = graphql(`
  query KeyHistory($id: ID!, $after: String) {
    key(id: $id) {
      events(first: 100, after: $after) {
        edges {
          node {
            id
            type
            at
            reason
            actor {
              kind
              name
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

/** A key with all that its page shows. */
export type KeyDetails = NonNullable<KeyOfPageQuery['key']>;

export type HistoryEvent = NonNullable<KeyHistoryQuery['key']>['events']['edges'][number]['node'];
