import { graphql } from '../../api/graphql.ts';
import type { LeaksOfPageQuery } from '../../api/operations.ts';

export const LeaksQuery = graphql(`
  query LeaksOfPage {
    leaks(first: 100) {
      edges {
        cursor
        node {
          reportedAt
          reportedBy
          foundIn
          url
          outcome
          secret {
            generation
            start
            retiresAt
          }
          key {
            ...KeyRow
            realm {
              slug
              name
            }
            secrets {
              generation
            }
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

/** A leak as the page shows it. */
export type LeakOfPage = LeaksOfPageQuery['leaks']['edges'][number]['node'];
