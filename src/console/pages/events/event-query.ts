import { graphql } from '../../api/graphql.ts';

/** What the page shows of an event. */
export const eventRowFragment = graphql(`
  fragment EventRow on Event {
    id
    cursor
    type
    at
    recordedAt
    keyId
    reason
    data
    key {
      id
      name
    }
    owner {
      id
      name
    }
    realm {
      slug
      name
    }
    actor {
      kind
      id
      name
    }
  }
`);

/** The newest events, and the end of the log in the same snapshot: no event is between them and what follows it. */
export const LatestEventsQuery = graphql(`
  query LatestEvents($filter: EventFilter) {
    logCursor
    events(last: 50, filter: $filter) {
      edges {
        node {
          ...EventRow
        }
      }
      pageInfo {
        hasPreviousPage
        startCursor
      }
    }
  }
`);

export const EarlierEventsQuery = graphql(`
  query EarlierEvents($before: Cursor!, $filter: EventFilter) {
    events(last: 50, before: $before, filter: $filter) {
      edges {
        node {
          ...EventRow
        }
      }
      pageInfo {
        hasPreviousPage
        startCursor
      }
    }
  }
`);

export const LaterEventsQuery = graphql(`
  query LaterEvents($after: Cursor!, $filter: EventFilter) {
    events(first: 50, after: $after, filter: $filter) {
      edges {
        node {
          ...EventRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);
