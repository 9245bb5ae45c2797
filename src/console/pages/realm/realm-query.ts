import { graphql } from '../../api/graphql.ts';
import type { RealmOfPageQuery } from '../../api/operations.ts';

export const RealmListQuery = graphql(`
  query RealmList($search: String) {
    realms(first: 100, filter: { search: $search }) {
      edges {
        node {
          slug
          name
          secretPrefix
          longestLifetime
          actions {
            name
            retiredAt
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const RealmQuery = graphql(`
  query RealmOfPage($slug: String!) {
    realm(slug: $slug) {
      id
      slug
      name
      secretPrefix
      shortestLifetime
      longestLifetime
      minimumNotice
      longestShift
      leakResponse
      signedTokens
      foldsCase
      portalOrigins
      subjectMail {
        senderName
        replyTo
        keysPage
      }
      actions {
        name
        description
        retiredAt
      }
      ceilings {
        role
        action
        resource
      }
      rolesWithoutCeiling
      subjectCeilings {
        label {
          name
          value
        }
        scopes {
          action
          resource
        }
      }
      freezes {
        from
        to
        reason
      }
      foreignSecrets {
        pattern
        randomBits
      }
      settingsVersion
    }
  }
`);

/** A realm with everything that its page shows. */
export type RealmDetails = NonNullable<RealmOfPageQuery['realm']>;

export const createRealmDocument = graphql(`
  mutation CreateRealmOnPage($input: CreateRealmInput!) {
    createRealm(input: $input) {
      ... on CreateRealmSuccess {
        realm {
          slug
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const updateRealmDocument = graphql(`
  mutation UpdateRealmOnPage($input: UpdateRealmInput!) {
    updateRealm(input: $input) {
      ... on UpdateRealmSuccess {
        warnings
        realm {
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

export const defineActionDocument = graphql(`
  mutation DefineActionOnPage($input: DefineActionInput!) {
    defineAction(input: $input) {
      ... on DefineActionSuccess {
        realm {
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

export const retireActionDocument = graphql(`
  mutation RetireActionOnPage($input: RetireActionInput!) {
    retireAction(input: $input) {
      ... on RetireActionSuccess {
        realm {
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
