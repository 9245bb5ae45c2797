import { graphql } from '../../api/graphql.ts';
import type { EventsOfRolloutsQuery, EventType } from '../../api/operations.ts';

/** The events of rollouts of a realm, the newest 100: no filter finds those of one rollout. */
export const RolloutEventsQuery = graphql(`
  query EventsOfRollouts($realm: String!, $types: [EventType!]) {
    events(filter: { realm: $realm, types: $types }, last: 100) {
      edges {
        node {
          id
          type
          at
          reason
          data
          actor {
            kind
            name
          }
        }
      }
    }
  }
`);

export const rolloutEventTypes: readonly EventType[] = [
  'ROLLOUT_PROPOSED',
  'ROLLOUT_STAGE_BEGAN',
  'ROLLOUT_PAUSED',
  'ROLLOUT_RESUMED',
  'ROLLOUT_INCONCLUSIVE',
  'ROLLOUT_UNDONE',
  'ROLLOUT_ENDED',
];

/** An event of one rollout. */
export interface RolloutEvent {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly reason: string | null;
  /** Who did it; null: the gateway by itself. */
  readonly by: string | null;
  /** The number of the stage that it is about, from 1; null: it is about none. */
  readonly stage: number | null;
  readonly isOverBudget: boolean;
}

/** Returns the events of one rollout, the oldest first. */
export function eventsOfRollout(data: EventsOfRolloutsQuery | undefined, rolloutId: string): readonly RolloutEvent[] {
  return (data?.events.edges ?? []).flatMap(({ node: { id, type, at, reason, actor, data: facts } }) => {
    const given = (typeof facts === 'object' && facts !== null ? facts : {}) as Readonly<Record<string, unknown>>;
    if (given['rolloutId'] !== rolloutId) return [];
    return {
      id,
      type,
      at,
      reason: reason ?? null,
      by: actor?.kind === 'SYSTEM' ? null : (actor?.name ?? null),
      stage: typeof given['stage'] === 'number' ? given['stage'] : null,
      isOverBudget: given['isOverBudget'] === true,
    };
  });
}
