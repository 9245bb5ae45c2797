import { MomentButton } from '../../parts/moment-button.tsx';
import type { RolloutEvent } from './rollout-history-query.ts';
import type { RolloutDetails } from './rollout-query.ts';
import { nameOfStage } from './rollout-words.ts';

interface RolloutHistoryProps {
  readonly of: RolloutDetails;
  readonly events: readonly RolloutEvent[];
}

/** What happened to a rollout, the newest first. */
export function RolloutHistory({ of: rollout, events }: RolloutHistoryProps) {
  if (events.length === 0) return null;
  return (
    <section className="sheet" aria-labelledby="history">
      <h2 id="history">What happened</h2>
      <ul className="plain-list" aria-labelledby="history">
        {events.toReversed().map((event) => (
          <li key={event.id}>
            <MomentButton at={event.at} /> {sentenceOfRollout(event, rollout)}
            {event.by !== null && (
              <>
                {' '}
                by <bdi>{event.by}</bdi>
              </>
            )}
            {event.reason !== null && (
              <span className="quiet">
                : <bdi>{event.reason}</bdi>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function sentenceOfRollout({ type, stage: number, isOverBudget }: RolloutEvent, { stages }: RolloutDetails): string {
  const stage = number === null ? undefined : stages[number - 1];
  const name = stage === undefined ? '' : ` “${nameOfStage(stage)}”`;
  switch (type) {
    case 'ROLLOUT_PROPOSED':
      return 'Proposed';
    case 'ROLLOUT_STAGE_BEGAN':
      return `The stage${name} began`;
    case 'ROLLOUT_PAUSED':
      return isOverBudget ? `Stopped itself in the stage${name}` : `Paused in the stage${name}`;
    case 'ROLLOUT_RESUMED':
      return `Resumed in the stage${name}`;
    case 'ROLLOUT_INCONCLUSIVE':
      return `Too little was used in the stage${name}`;
    case 'ROLLOUT_UNDONE':
      return `Undone in the stage${name}`;
    default:
      return 'Ended';
  }
}
