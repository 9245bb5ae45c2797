import { graphql } from '../../api/graphql.ts';
import type { WorkKeyFragment, WorkQuery as WorkData } from '../../api/operations.ts';
import type { LiveEvent } from '../../live/live-events.ts';

export const workKeyFragment = graphql(`
  fragment WorkKey on Key {
    id
    name
    stopsAt
    lastUsedAt
    owner {
      name
    }
    viewerCan
  }
`);

// Keys of CI jobs end with their job, and no program renews them: only their leaks are work.
export const WorkQuery = graphql(`
  query Work($soon: DateTime!, $week: DateTime!) {
    keyCounts(filter: { exchanged: false, states: [ACTIVE, HELD] }) {
      keyCount
      byStanding {
        standing
        keyCount
      }
      stopsSoonByHand
    }
    endedCount: keyCount(filter: { exchanged: false, states: [EXPIRED, REVOKED] })
    leakedCount: keyCount(filter: { leaked: true, states: [HELD] })
    heldCount: keyCount(filter: { leaked: false, exchanged: false, states: [HELD] })
    stalledCount: keyCount(filter: { stalled: true, states: [ACTIVE, HELD] })
    leaked: keys(filter: { leaked: true, states: [HELD] }, first: 4) {
      edges {
        node {
          ...WorkKey
          holds {
            source
            reason
            since
          }
        }
      }
    }
    stopping: keys(
      filter: { exchanged: false, states: [ACTIVE, HELD], automation: [NONE, LATE], stopsBefore: $soon }
      orderBy: { field: STOPS_AT, direction: ASC }
      first: 4
    ) {
      edges {
        node {
          ...WorkKey
          renewalInfo {
            allowed
            mode
          }
        }
      }
    }
    stalled: keys(filter: { stalled: true, states: [ACTIVE, HELD] }, first: 4) {
      edges {
        node {
          ...WorkKey
          rotation {
            previousRetiresAt
            notMoved
          }
        }
      }
    }
    held: keys(filter: { leaked: false, exchanged: false, states: [HELD] }, first: 4) {
      edges {
        node {
          ...WorkKey
          holds {
            source
            reason
            since
          }
        }
      }
    }
    dormant: keys(
      filter: { exchanged: false, states: [ACTIVE, HELD], standings: [WARNED] }
      orderBy: { field: STOPS_AT, direction: ASC }
      first: 4
    ) {
      edges {
        node {
          ...WorkKey
        }
      }
    }
    beforeNextUse: problems(kinds: [STOPS_BEFORE_NEXT_USE]) {
      since
      key {
        id
        name
        stopsAt
        cadence {
          nextUseFrom
        }
      }
    }
    breakage(from: $week) {
      breakages(first: 20) {
        edges {
          node {
            consumer
            outcome
            at
            lastUsedAt
            key {
              ...WorkKey
              state
            }
          }
        }
      }
    }
    proposals: operations(first: 20, states: [AWAITING_APPROVAL]) {
      edges {
        node {
          id
          reason
          total
          startedAt
          actor {
            id
            name
          }
        }
      }
    }
    brakes: problems(kinds: [BRAKE_ENGAGED]) {
      since
      brake {
        id
        waitingCount
        binding {
          id
          title
        }
        realm {
          name
        }
      }
    }
    broken: problems(kinds: [POLICY_BROKEN]) {
      since
      binding {
        id
        title
        fault {
          message
        }
        realm {
          name
        }
      }
    }
    deliveries: problems(kinds: [WEBHOOK_PAUSED, NOTICE_NOT_DELIVERED]) {
      since
      webhook {
        id
        url
        reason
      }
      key {
        id
        name
        stopsAt
        owner {
          name
        }
      }
    }
  }
`);

export type Work = WorkData;

export type WorkKey = WorkKeyFragment;

type NodeOf<Keys extends { readonly edges: readonly { readonly node: unknown }[] }> = Keys['edges'][number]['node'];

export type HeldKey = NodeOf<Work['held']>;
export type UnattendedKey = NodeOf<Work['stopping']>;
export type Breakage = NodeOf<Work['breakage']['breakages']>;
export type StalledKey = NodeOf<Work['stalled']>;

/** How many problems or breakages are read: with as many there may be more. */
export const PROBLEMS_MAX = 20;

/** Whether an event may change what is to be done. */
export function concernsWork({ type }: LiveEvent): boolean {
  return type !== 'KEY_FIRST_USED' && !type.startsWith('ACCOUNT_');
}
