import { graphql } from '../../api/graphql.ts';
import type { InvitationListQuery, PersonOfPageQuery } from '../../api/operations.ts';

export const PeopleQuery = graphql(`
  query People($filter: AccountFilter) {
    accounts(first: 50, filter: $filter) {
      edges {
        node {
          id
          name
          email
          isAdministrator
          disabledAt
          lastSignInAt
          memberships {
            role
            organization {
              name
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

export const InvitationsQuery = graphql(`
  query InvitationList {
    invitations(first: 100) {
      edges {
        node {
          invitationId
          email
          isAdministrator
          organizationName
          role
          invitedBy
          expiresAt
        }
      }
    }
  }
`);

export type OpenInvitation = InvitationListQuery['invitations']['edges'][number]['node'];

export const PersonQuery = graphql(`
  query PersonOfPage($id: ID!) {
    node(id: $id) {
      ... on Account {
        id
        name
        email
        isAdministrator
        createdAt
        disabledAt
        lastSignInAt
        noticesByMail
        memberships {
          role
          organization {
            id
            name
          }
        }
        ...SessionsOfAccount
      }
    }
  }
`);

/** A person with everything that the page shows. */
export type PersonDetails = Exclude<NonNullable<PersonOfPageQuery['node']>, Record<PropertyKey, never>>;

/** Returns the person of a page; null: there is none, or the id is that of something else. */
export function personOf({ node }: PersonOfPageQuery): PersonDetails | null {
  return node !== null && 'sessions' in node ? (node as PersonDetails) : null;
}

/** The organizations to which the person at the page may invite: where that person is OWNER or ADMIN; an administrator to all. */
export const InviteChoicesQuery = graphql(`
  query InviteChoices {
    organizations(first: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
    viewer {
      ... on Account {
        memberships {
          role
          organization {
            id
          }
        }
      }
    }
  }
`);

export const withdrawDocument = graphql(`
  mutation WithdrawOnPage($input: WithdrawInvitationInput!) {
    withdrawInvitation(input: $input) {
      ... on WithdrawInvitationSuccess {
        invitationId
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const disableAccountDocument = graphql(`
  mutation DisableAccountOnPage($input: DisableAccountInput!) {
    disableAccount(input: $input) {
      ... on DisableAccountSuccess {
        account {
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

export const setAdministratorDocument = graphql(`
  mutation SetAdministratorOnPage($input: SetAdministratorInput!) {
    setAdministrator(input: $input) {
      ... on SetAdministratorSuccess {
        account {
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
