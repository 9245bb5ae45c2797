import { graphql } from '../../api/graphql.ts';
import type { OrganizationOfPageQuery, OwnInvitationsQuery as OwnInvitations } from '../../api/operations.ts';

export const OrganizationListQuery = graphql(`
  query OrganizationList($search: String) {
    organizations(first: 50, filter: { search: $search }) {
      edges {
        node {
          id
          name
          members {
            role
            account {
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

/** The organizations that wait for an answer of the person at the page. */
export const OwnInvitationsQuery = graphql(`
  query OwnInvitations {
    viewer {
      ... on Account {
        membershipInvitations {
          organizationId
          organizationName
          role
          invitedBy
          expiresAt
        }
      }
    }
  }
`);

/** Returns the open invitations of the person at the page. */
export function ownInvitationsOf({ viewer }: OwnInvitations) {
  return viewer.membershipInvitations ?? [];
}

export const OrganizationQuery = graphql(`
  query OrganizationOfPage($id: ID!) {
    organization(id: $id) {
      id
      name
      createdAt
      members {
        role
        since
        account {
          id
          name
          disabledAt
        }
      }
      invitations {
        accountId
        role
        invitedBy
        expiresAt
      }
    }
  }
`);

/** An organization with everything that its page shows. */
export type OrganizationDetails = NonNullable<OrganizationOfPageQuery['organization']>;

export const createOrganizationDocument = graphql(`
  mutation CreateOrganizationOnPage($input: CreateOrganizationInput!) {
    createOrganization(input: $input) {
      ... on CreateOrganizationSuccess {
        organization {
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

export const renameOrganizationDocument = graphql(`
  mutation RenameOrganizationOnPage($input: RenameOrganizationInput!) {
    renameOrganization(input: $input) {
      ... on RenameOrganizationSuccess {
        organization {
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

export const setMemberDocument = graphql(`
  mutation SetMemberOnPage($input: SetMemberInput!) {
    setMember(input: $input) {
      ... on SetMemberSuccess {
        isInvited
        organization {
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
