import { graphql } from '../../api/graphql.ts';
import type { OwnAccountQuery } from '../../api/operations.ts';

export const AccountQuery = graphql(`
  query OwnAccount {
    viewer {
      ... on Account {
        id
        name
        email
        noticesByMail
        ...SessionsOfAccount
      }
    }
  }
`);

/** The account of the person at the page. */
export type OwnAccount = Exclude<OwnAccountQuery['viewer'], Record<PropertyKey, never>>;

/** Returns the account of the person at the page; null: the caller is a key. */
export function ownAccountOf({ viewer }: OwnAccountQuery): OwnAccount | null {
  return 'noticesByMail' in viewer ? (viewer as OwnAccount) : null;
}

export const updateAccountDocument = graphql(`
  mutation UpdateAccountOnPage($input: UpdateAccountInput!) {
    updateAccount(input: $input) {
      ... on UpdateAccountSuccess {
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

export const changePasswordDocument = graphql(`
  mutation ChangePasswordOnPage($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      ... on ChangePasswordSuccess {
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

export const WaitingDeviceQuery = graphql(`
  query WaitingDeviceOnPage($userCode: String!) {
    waitingDevice(userCode: $userCode) {
      program
      deviceName
      address
      askedAt
    }
  }
`);

export const confirmDeviceDocument = graphql(`
  mutation ConfirmDeviceOnPage($input: ConfirmDeviceInput!) {
    confirmDevice(input: $input) {
      ... on ConfirmDeviceSuccess {
        deviceName
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const refuseDeviceDocument = graphql(`
  mutation RefuseDeviceOnPage($input: RefuseDeviceInput!) {
    refuseDevice(input: $input) {
      ... on RefuseDeviceSuccess {
        deviceName
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);
