import { graphql } from '../api/graphql.ts';
import type { PortalOfPageQuery } from '../api/operations.ts';

export const PortalQuery = graphql(`
  query PortalOfPage {
    portalSession {
      sessionId
      may
      expiresAt
      issuableScopes {
        action
        resource
      }
      subject {
        id
        realm {
          slug
        }
      }
    }
    logCursor
  }
`);

export const PortalCursorQuery = graphql(`
  query PortalEndOfLog {
    logCursor
  }
`);

/** What a page may do with the keys of its customer, and until when. */
export type PortalRights = NonNullable<PortalOfPageQuery['portalSession']>;
