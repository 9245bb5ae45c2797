/** The operations that tests ask for again and again, as callers write them. */

export const ISSUE_KEY = /* GraphQL */ `
  mutation ($input: IssueKeyInput!) {
    issueKey(input: $input) {
      __typename
      ... on IssueKeySuccess {
        secret
        secretUnavailable
        key {
          id
          name
          state
          standing
          stopsAt
          stopsBasis
          expiresAt
          chosenExpiresAt
        }
      }
      ... on UserError {
        code
        message
        path
      }
      ... on ExpiryOutOfBounds {
        earliest
        latest
      }
    }
  }
`;

export const VERIFY_KEY = /* GraphQL */ `
  mutation ($input: VerifyKeyInput!) {
    verifyKey(input: $input) {
      outcome
      scopeChecked
      stopsAt
      renewalDue
      message
      key {
        id
        realm
        ownerId
        labels {
          name
          value
        }
        scopes {
          action
          resource
        }
      }
    }
  }
`;

export const RENEW_KEY = /* GraphQL */ `
  mutation ($input: RenewKeyInput!) {
    renewKey(input: $input) {
      __typename
      ... on RenewKeySuccess {
        secret
        secretUnavailable
        previousRetiresAt
        key {
          id
          state
          expiresAt
          stopsAt
        }
      }
      ... on UserError {
        code
        message
        path
      }
      ... on ExpiryOutOfBounds {
        earliest
        latest
      }
      ... on RenewalNotAllowed {
        allowedAt
      }
    }
  }
`;

export const ROTATE_KEY = /* GraphQL */ `
  mutation ($input: RotateKeyInput!) {
    rotateKey(input: $input) {
      __typename
      ... on RotateKeySuccess {
        secret
        secretUnavailable
        previousRetiresAt
        key {
          id
          stopsAt
          expiresAt
        }
      }
      ... on UserError {
        code
        message
        path
      }
      ... on RotationPending {
        previousRetiresAt
      }
    }
  }
`;

/** Any mutation of a key that answers the key alone. */
export function changeKey(
  mutation: 'confirmRotation' | 'undoRotation' | 'updateKey' | 'transferKey' | 'holdKey' | 'resumeKey' | 'revokeKey',
) {
  const name = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  return /* GraphQL */ `
    mutation ($input: ${name}Input!) {
      ${mutation}(input: $input) {
        __typename
        ... on ${name}Success { key { id name state stopsAt expiresAt } }
        ... on UserError { code message path }
      }
    }
  `;
}
