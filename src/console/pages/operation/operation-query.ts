import { graphql } from '../../api/graphql.ts';
import type { OperationListQuery as OperationPage, OperationOfPageQuery } from '../../api/operations.ts';

export const OperationQuery = graphql(`
  query OperationOfPage($id: ID!) {
    operation(id: $id) {
      id
      kind
      state
      isUndoing
      canUndo
      reason
      total
      done
      failed
      skipped
      undone
      newlyMatched
      startedAt
      endedAt
      actor {
        id
        name
      }
      approvedBy {
        name
      }
      realm {
        name
      }
      organization {
        name
      }
      left: keys(first: 100, states: [FAILED, SKIPPED, UNDO_FAILED]) {
        edges {
          node {
            keyId
            state
            message
            key {
              name
            }
          }
        }
        pageInfo {
          hasNextPage
        }
      }
    }
  }
`);

export const OperationListQuery = graphql(`
  query OperationList($realm: String, $states: [OperationState!], $after: String) {
    operations(first: 50, after: $after, realm: $realm, states: $states) {
      edges {
        node {
          id
          kind
          state
          isUndoing
          reason
          total
          done
          failed
          skipped
          startedAt
          actor {
            name
          }
          realm {
            name
          }
          organization {
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
`);

export type OperationRow = OperationPage['operations']['edges'][number]['node'];

export const OperationRealmsQuery = graphql(`
  query OperationRealms {
    realms(first: 100) {
      edges {
        node {
          slug
          name
        }
      }
    }
  }
`);

export type OperationDetails = NonNullable<OperationOfPageQuery['operation']>;

export const pauseDocument = graphql(`
  mutation PauseOnPage($input: OperationInput!) {
    pauseOperation(input: $input) {
      ... on OperationSuccess {
        operation {
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

export const continueDocument = graphql(`
  mutation ContinueOnPage($input: OperationInput!) {
    resumeOperation(input: $input) {
      ... on OperationSuccess {
        operation {
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

export const stopDocument = graphql(`
  mutation StopOnPage($input: OperationInput!) {
    stopOperation(input: $input) {
      ... on OperationSuccess {
        operation {
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

export const undoOperationDocument = graphql(`
  mutation UndoOperationOnPage($input: OperationInput!) {
    undoOperation(input: $input) {
      ... on OperationSuccess {
        operation {
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

export const approveDocument = graphql(`
  mutation ApproveOnPage($input: OperationInput!) {
    approveOperation(input: $input) {
      ... on OperationSuccess {
        operation {
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
