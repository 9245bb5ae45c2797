import { graphql } from '../../api/graphql.ts';
import type { RolloutListQuery as RolloutsOfPage, RolloutOfPageQuery } from '../../api/operations.ts';

export const RolloutQuery = graphql(`
  query RolloutOfPage($id: ID!) {
    rollout(id: $id) {
      id
      change
      title
      explanation
      replacement
      sealedDigest
      state
      stage
      stageSince
      inForceSince
      nextStageAt
      waitsFor
      isOverBudget
      previewedCount
      createdAt
      endedAt
      stages {
        kind
        leastTime
        share
        windows
      }
      before {
        revision
        config
        selector
      }
      after {
        revision
        hash
        config
        selector
        noticePeriod
      }
      budget {
        owners
        share
      }
      progress {
        total
        done
        restored
      }
      proposedBy {
        id
        name
      }
      approvedBy {
        name
      }
      realm {
        id
        slug
        name
      }
      binding {
        id
        policy
        title
        hash
      }
      answers(first: 100) {
        edges {
          node {
            answerId
            kind
            text
            isPublic
            keyIds
            until
            brownout
            createdAt
            withdrawnAt
            reply
            repliedAt
            owner {
              id
              name
            }
          }
        }
        pageInfo {
          hasNextPage
        }
      }
      exceptions(first: 100) {
        edges {
          node {
            exceptionId
            keyIds
            until
            reason
            state
            decision
            createdAt
            decidedAt
            endedAt
            owner {
              id
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

/** A rollout with all that its page shows. */
export type RolloutDetails = NonNullable<RolloutOfPageQuery['rollout']>;

export type ShownStage = RolloutDetails['stages'][number];
export type RolloutAnswer = RolloutDetails['answers']['edges'][number]['node'];
export type RolloutException = RolloutDetails['exceptions']['edges'][number]['node'];

export const RolloutListQuery = graphql(`
  query RolloutList($realm: String, $states: [RolloutState!], $after: String) {
    rollouts(first: 50, after: $after, realm: $realm, states: $states) {
      edges {
        node {
          id
          change
          title
          state
          stage
          nextStageAt
          waitsFor
          isOverBudget
          createdAt
          endedAt
          stages {
            kind
            share
          }
          proposedBy {
            name
          }
          realm {
            name
          }
          binding {
            title
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
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

export type RolloutRow = RolloutsOfPage['rollouts']['edges'][number]['node'];

/** Whether an event changes what the pages of rollouts show. */
export function concernsRollouts({ type }: { readonly type: string }): boolean {
  return type.startsWith('ROLLOUT_') || type.startsWith('BRAKE_') || type === 'KEY_BROKE_CONSUMER';
}

/** Whether a rollout is neither undone nor done. */
export function isOpen({ state }: Pick<RolloutRow, 'state'>): boolean {
  return state !== 'UNDONE' && state !== 'DONE';
}
