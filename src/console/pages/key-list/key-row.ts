import { graphql } from '../../api/graphql.ts';

/** What a row of the list shows of a key. Events carry it too, so that a row is replaced where it stands. */
export const keyRowFragment = graphql(`
  fragment KeyRow on Key {
    id
    name
    state
    standing
    stopsAt
    lastUsedAt
    createdAt
    owner {
      id
      name
    }
    secrets {
      start
      retiresAt
    }
    rotation {
      previousRetiresAt
    }
    warnings {
      code
      from
    }
  }
`);
